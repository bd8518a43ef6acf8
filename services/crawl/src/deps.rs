//! What the service's workers are built from.

use std::sync::Arc;

use net::Polite;

use crate::settings::Settings;
use crate::tables::Tables;

/// What production and tests hand in.
#[derive(Debug, Clone)]
pub struct Deps {
    /// Fetches through the hosts' gates.
    pub polite: Polite,
    pub settings: Settings,
}

/// What all workers of the service share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) polite: Polite,
    pub(crate) settings: Settings,
    pub(crate) tables: Arc<Tables>,
}
