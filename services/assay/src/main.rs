//! `assay`: settings, logs, then the command.

use std::process::ExitCode;

use assay::cli::Cli;
use assay::failure::{Failure, Kind};
use clap::Parser as _;

fn main() -> ExitCode {
    net::install_crypto();
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            assay::progress::tell(format_args!("assay: {failure}"));
            ExitCode::from(failure.kind as u8)
        }
    }
}

fn start(cli: Cli) -> Result<(), Failure> {
    let settings = assay::settings::load(cli.settings.as_deref())
        .map_err(|error| Failure::new(Kind::Place, assay::failure::chain(&error)))?;
    chassis::telemetry::start(&settings.log)
        .map_err(|error| Failure::new(Kind::Place, assay::failure::chain(&error)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(assay::execute(cli.command, settings));
    // A blocking read of a stuck disk or terminal must not keep the process alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}
