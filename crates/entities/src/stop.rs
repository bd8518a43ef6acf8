//! Whether to go on: asked between documents, phases, blocks and hits, so that a long run is not waited for.

/// A question of the caller's.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'s>(&'s dyn Fn() -> bool);

impl<'s> Stop<'s> {
    pub(crate) const NEVER: Stop<'static> = Stop(&|| false);

    pub(crate) fn new(asked: &'s dyn Fn() -> bool) -> Self {
        Self(asked)
    }

    /// Whether what is under way should end; what was found so far is worth nothing then.
    pub(crate) fn is_asked(self) -> bool {
        (self.0)()
    }
}

impl std::fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stop").finish_non_exhaustive()
    }
}
