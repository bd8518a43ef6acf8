//! A pipeline's folder, on disk or in the program, and what may be read from it.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use include_dir::Dir;

/// Of one file. A run keeps all of them.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// How many files are looked at for a pattern or a suggestion.
const MAX_NAMES: usize = 500;
/// Folders in folders.
const MAX_DEPTH: usize = 4;

/// Where a pipeline's files are.
#[derive(Debug, Clone)]
pub(crate) enum Folder {
    /// A folder on disk, in its canonical spelling.
    Disk(PathBuf),
    Embedded(&'static Dir<'static>),
}

/// Why a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such file in the folder")]
    Missing,
    #[error(
        "a file must be named by its plain path inside the folder: no `..`, no `.`, no leading `/`, no `\\`"
    )]
    BadPath,
    #[error("it leads out of the folder")]
    Escapes,
    #[error("it is not a file")]
    NotAFile,
    #[error("it is larger than 1 MiB")]
    TooLarge,
    #[error("it is not UTF-8 text (byte {0})")]
    NotText(usize),
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
}

impl Folder {
    /// # Errors
    /// The folder is not there or cannot be read.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        if path.is_dir() { Ok(Self::Disk(path)) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub(crate) fn read(&self, name: &str) -> Result<String, Refusal> {
        if !is_plain(name) {
            return Err(Refusal::BadPath);
        }
        let bytes = match self {
            Self::Embedded(dir) => {
                let file = dir.get_file(dir.path().join(name)).ok_or(Refusal::Missing)?;
                file.contents().to_vec()
            }
            Self::Disk(root) => read_inside(root, name)?,
        };
        String::from_utf8(bytes).map_err(|error| Refusal::NotText(error.utf8_error().valid_up_to()))
    }

    /// The files of the folder by their paths in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        match self {
            Self::Embedded(dir) => embedded_names(dir, dir.path(), &mut names),
            Self::Disk(root) => disk_names(root, "", 0, &mut names),
        }
        names.sort();
        names
    }
}

/// `prompts/team.md`: names separated by single slashes, none of them special.
fn is_plain(name: &str) -> bool {
    let rebuilt: Vec<&str> = Path::new(name)
        .components()
        .filter_map(|component| match component {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    !name.is_empty() && !name.contains(['\\', '\0', ':']) && rebuilt.join("/") == name
}

fn read_inside(root: &Path, name: &str) -> Result<Vec<u8>, Refusal> {
    let refuse = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Missing,
        _ => Refusal::Unreadable(error),
    };
    let path = root.join(name).canonicalize().map_err(refuse)?;
    if !path.starts_with(root) {
        return Err(Refusal::Escapes);
    }
    // Before it is opened: opening a pipe would wait for a writer.
    if !fs::metadata(&path).map_err(refuse)?.is_file() {
        return Err(Refusal::NotAFile);
    }
    let mut bytes = Vec::new();
    fs::File::open(&path)
        .map_err(refuse)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(refuse)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { Err(Refusal::TooLarge) } else { Ok(bytes) }
}

fn disk_names(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
        if names.len() >= MAX_NAMES || name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if kind.is_dir() && depth < MAX_DEPTH {
            disk_names(&entry.path(), &path, depth + 1, names);
        } else if kind.is_file() {
            names.push(path);
        }
    }
}

fn embedded_names(dir: &Dir<'_>, root: &Path, names: &mut Vec<String>) {
    let inside = |path: &Path| path.strip_prefix(root).ok().and_then(Path::to_str).map(str::to_owned);
    names.extend(dir.files().filter_map(|file| inside(file.path())));
    dir.dirs().for_each(|dir| embedded_names(dir, root, names));
}

#[cfg(test)]
mod tests {
    use super::{Folder, Refusal, is_plain};

    #[test]
    fn only_plain_paths_are_read() {
        for name in ["a.md", "prompts/team.md", "a b.md", "é.md"] {
            assert!(is_plain(name), "{name}");
        }
        for name in
            ["", ".", "..", "../a", "a/../b", "/etc/passwd", "./a", "a//b", "a/", "a\\b", "c:x", "a\0b"]
        {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_not_text_too_large_or_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bytes"), [b'a', 0xff]).unwrap();
        std::fs::write(folder.path().join("large"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
        std::fs::write(folder.path().join("fits"), vec![b'x'; 1024 * 1024]).unwrap();
        std::fs::create_dir(folder.path().join("dir")).unwrap();
        let folder = Folder::open(folder.path()).unwrap();
        assert!(matches!(folder.read("nothing"), Err(Refusal::Missing)));
        assert!(matches!(folder.read("fits/inside"), Err(Refusal::Missing)));
        assert!(matches!(folder.read("bytes"), Err(Refusal::NotText(1))));
        assert!(matches!(folder.read("large"), Err(Refusal::TooLarge)));
        assert!(matches!(folder.read("dir"), Err(Refusal::NotAFile)));
        assert!(folder.read("fits").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_refused_and_one_inside_it_is_not() {
        let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret"), "s").unwrap();
        std::fs::write(folder.path().join("real"), "r").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("out")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("dir")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("real"), folder.path().join("in")).unwrap();
        let folder = Folder::open(folder.path()).unwrap();
        assert!(matches!(folder.read("out"), Err(Refusal::Escapes)));
        assert!(matches!(folder.read("dir/secret"), Err(Refusal::Escapes)));
        assert_eq!(folder.read("in").unwrap(), "r");
        assert_eq!(folder.names(), ["real"]);
    }
}
