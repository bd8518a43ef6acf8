//! `assay report`, and how every command writes reports.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{RunId, RunState};
use report::{Format, Report};

use super::say;
use crate::app::App;
use crate::cli;
use crate::failure::{Failure, Kind, chain};

pub(super) async fn execute(app: &App, args: cli::Report) -> Result<(), Failure> {
    if let Some(folder) = args.out {
        for path in write(app, args.run, &folder, &args.format).await?.1 {
            say(path.display())?;
        }
        return Ok(());
    }
    let [format] = args.format.as_slice() else {
        return Err(Failure::usage("one format can be printed; give --out DIR to write several"));
    };
    let (report, template) = published(app, args.run).await?;
    say(render(&report, &template, *format)?.trim_end())
}

/// Writes the report of a finished run to a folder, one file per format; gives the report and the files.
pub(super) async fn write(
    app: &App,
    run: RunId,
    folder: &Path,
    formats: &[Format],
) -> Result<(Report, Vec<PathBuf>), Failure> {
    let (report, template) = published(app, run).await?;
    prepare(folder)?;
    let name = free_name(folder, &report);
    let mut written = Vec::new();
    for format in formats {
        let path = folder.join(format!("{name}.{}", format.extension()));
        // Whole or not at all: a full disk must not leave half a report under the report's name.
        let part = path.with_extension(format!("{}.part", format.extension()));
        let text = render(&report, &template, *format)?;
        fs::write(&part, text).and_then(|()| fs::rename(&part, &path)).map_err(|error| {
            let _ = fs::remove_file(&part);
            unwritable(&path, &error)
        })?;
        written.push(path);
    }
    Ok((report, written))
}

/// Makes the folder and tries it, before anything is done whose result could not be written there.
pub(super) fn prepare(folder: &Path) -> Result<(), Failure> {
    let probe = folder.join(format!(".assay-{}", std::process::id()));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&probe, b"x"))
        .and_then(|()| fs::remove_file(&probe))
        .map_err(|error| unwritable(folder, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::place(format!("cannot write {}: {error}", path.display()))
}

/// The report's file name, with the subject's key in it where a report on another subject has the name.
fn free_name(folder: &Path, report: &Report) -> String {
    let subject = &report.subject;
    let named = |key| report::file_name(&subject.name, key, report.run.version, report.run.published_at);
    let name = named(None);
    let is_taken = Format::ALL.into_iter().any(|format| {
        let file = fs::read(folder.join(format!("{name}.{}", format.extension())));
        file.is_ok_and(|bytes| !report::is_about(&String::from_utf8_lossy(&bytes), format, &subject.key))
    });
    if is_taken { named(Some(&subject.key)) } else { name }
}

fn render(report: &Report, template: &str, format: Format) -> Result<String, Failure> {
    report::render(report, template, format).map_err(|error| Failure::place(chain(&error)))
}

/// The published report and the template it was made for.
async fn published(app: &App, id: RunId) -> Result<(Report, String), Failure> {
    let tenant = app.tenant();
    let run = tenant.run(id).await?;
    let Some(published) = tenant.report(id).await? else {
        let state = run.state.as_str();
        let hint = if run.state == RunState::Failed || run.state == RunState::Cancelled {
            String::new()
        } else {
            format!("; go on with: assay resume {id}")
        };
        return Err(Failure::new(Kind::Run, format!("{id} has no report: it is {state}{hint}")));
    };
    let snapshot = app.store.snapshot(id).await?;
    let (report, template) = report::published(published.body, published.version, &snapshot)
        .map_err(|error| Failure::place(format!("{id}: {error}")))?;
    Ok((report, template.to_owned()))
}
