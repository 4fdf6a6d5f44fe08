use std::fs;
use std::io::ErrorKind;

use super::*;

#[test]
fn paths_are_relative_to_the_file_that_says_them() {
    for (from, written, wanted) in [
        ("projects/a.yaml", "../templates/b.html", Ok("templates/b.html")),
        ("supaform.yaml", "b.html", Ok("b.html")),
        ("a/b/c.yaml", "./d//e", Ok("a/b/d/e")),
        ("a.yaml", "../b", Err(Refused::Outside)),
        ("a/b.yaml", "../../etc/passwd", Err(Refused::Outside)),
        ("a.yaml", "/etc/passwd", Err(Refused::Absolute)),
        ("a.yaml", "C:/x", Err(Refused::Absolute)),
        ("a.yaml", "\\\\host\\share", Err(Refused::Absolute)),
        ("a.yaml", "file:///etc/passwd", Err(Refused::Absolute)),
    ] {
        assert_eq!(beside(from, written), wanted.map(str::to_owned), "{written} in {from}");
    }
}

#[test]
fn only_regular_files_of_a_fair_size_are_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "\u{feff}hello").unwrap();
    fs::write(dir.path().join("bad.txt"), b"ok\xff").unwrap();
    let root = Root::new(dir.path());
    assert_eq!(root.read_text("a.txt", 100).unwrap(), "hello");
    assert_eq!(root.read("a.txt", 3), Err(Refused::TooLarge { most: 3 }));
    assert_eq!(root.read_text("bad.txt", 100), Err(Refused::NotText { at: 2 }));
    assert_eq!(root.read("", 100), Err(Refused::Irregular));
    assert_eq!(root.read("b.txt", 100), Err(Refused::Missing));
    assert_eq!(root.read("a.txt/b", 100), Err(Refused::Missing));
    assert_eq!(root.read("../x", 100), Err(Refused::Outside));
    assert_eq!(root.read("/etc/hostname", 100), Err(Refused::Absolute));
}

#[test]
fn what_is_there_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    root.create("a/b/c.txt", "one").unwrap();
    assert_eq!(root.create("a/b/c.txt", "two"), Err(Refused::System(ErrorKind::AlreadyExists)));
    assert_eq!(root.read_text("a/b/c.txt", 100).unwrap(), "one");
    assert_eq!(root.create("../d.txt", ""), Err(Refused::Outside));
    assert_eq!(root.create("a/b/c.txt/d", ""), Err(Refused::Missing));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("a", dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
        assert_eq!(root.create("link/e.txt", ""), Err(Refused::Link));
        assert_eq!(root.create("dangling", ""), Err(Refused::System(ErrorKind::AlreadyExists)));
    }
}

/// Both implementations must behave alike.
#[cfg(unix)]
fn both(of: [&dyn Fn(&Path); 2]) {
    for law in of {
        let dir = tempfile::tempdir().unwrap();
        law(dir.path());
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_whole_and_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    fn law<F: Opened>(at: &Path) {
        let path = at.join("a.yaml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4640)).unwrap();
        symlink("a.yaml", at.join("link.yaml")).unwrap();
        let folder = F::open(at).unwrap();
        let put = |name: &str, readers| put(&folder, name.as_ref(), readers, |out| out.write_all(b"new"));
        let mode = |name: &str| fs::metadata(at.join(name)).unwrap().permissions().mode() & 0o7777;
        put("a.yaml", Readers::AsBefore).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode("a.yaml") & 0o777, 0o640);
        assert_eq!(put("link.yaml", Readers::AsBefore), Err(Refused::Link));
        put("b.yaml", Readers::AsBefore).unwrap();
        assert_eq!(fs::read_to_string(at.join("b.yaml")).unwrap(), "new");
        assert_eq!(fs::read_dir(at).unwrap().count(), 3, "nothing is left beside it");
    }
    both([&law::<Folder>, &law::<portable::Folder>]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.json");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    save(&path, b"new", Readers::Owner).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(Root::new(dir.path()).replace("c.yaml", "x"), Err(Refused::Missing), "only what is there is replaced");
}

/// A file that an attacker commits beside or in place of another is never written through, whatever its name.
#[cfg(unix)]
#[test]
fn no_write_follows_what_lies_there() {
    use std::os::unix::fs::symlink;
    fn law<F: Opened>(at: &Path) {
        let outside = tempfile::tempdir().unwrap();
        let victim = outside.path().join("bashrc");
        fs::write(&victim, "mine").unwrap();
        fs::create_dir(at.join("projects")).unwrap();
        fs::write(at.join("projects/a.yaml"), "old").unwrap();
        for beside in ["a.yaml.supaform-new", "a.yaml.new", ".a.yaml.new", "a.json.new", "link.yaml"] {
            symlink(&victim, at.join("projects").join(beside)).unwrap();
        }
        symlink(outside.path(), at.join("out")).unwrap();
        symlink(outside.path().join("missing"), at.join("projects/dangling.yaml")).unwrap();
        let folder = F::open(at).unwrap().enter("projects".as_ref()).unwrap();
        put(&folder, "a.yaml".as_ref(), Readers::AsBefore, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(at.join("projects/a.yaml")).unwrap(), "new");
        for name in ["link.yaml", "dangling.yaml"] {
            assert_eq!(
                put(&folder, name.as_ref(), Readers::AsBefore, |out| out.write_all(b"new")),
                Err(Refused::Link),
                "{name}"
            );
            assert_eq!(folder.extend(name.as_ref()).err(), Some(Refused::Link), "{name}");
            assert!(folder.fresh(name.as_ref(), Readers::Owner).is_err(), "{name}");
        }
        assert_eq!(F::open(at).unwrap().enter("out".as_ref()).err(), Some(Refused::Link));
        assert_eq!(create::<F>(at, "out/new.yaml", "x"), Err(Refused::Link));
        assert_eq!(walk::<F>(at, "out/bashrc").err(), Some(Refused::Link));
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
    both([&law::<Folder>, &law::<portable::Folder>]);
}

/// A device node, a pipe, a socket or a folder is neither replaced, appended to nor read, and nothing waits for it.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused() {
    fn law<F: Opened>(at: &Path) {
        fs::create_dir(at.join("folder")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(at.join("pipe")).status();
        assert!(pipe.is_ok_and(|status| status.success()), "mkfifo");
        let _socket = std::os::unix::net::UnixListener::bind(at.join("socket")).unwrap();
        let (here, devices) = (F::open(at).unwrap(), F::open(Path::new("/dev")).unwrap());
        for (folder, name) in [(&here, "folder"), (&here, "pipe"), (&here, "socket"), (&devices, "null")] {
            let name = OsStr::new(name);
            assert_eq!(
                put(folder, name, Readers::Owner, |out| out.write_all(b"x")),
                Err(Refused::Irregular),
                "{name:?}"
            );
            assert_eq!(folder.extend(name).err(), Some(Refused::Irregular), "{name:?}");
            assert_eq!(folder.file(name).err(), Some(Refused::Irregular), "{name:?}");
        }
        assert_eq!(fs::read_dir(at).unwrap().count(), 3, "nothing is left");
        assert_eq!(given(&at.join("pipe"), 9), Err(Refused::Irregular));
    }
    both([&law::<Folder>, &law::<portable::Folder>]);
    for device in ["/dev/zero", "/dev/null", "/dev"] {
        assert_eq!(given(Path::new(device), 9), Err(Refused::Irregular), "{device}");
    }
    // Even if it appears after the check: opening does not wait for a writer.
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let folder = Folder::open(dir.path()).unwrap();
    assert_eq!(folder.regular("pipe".as_ref(), rustix::fs::OFlags::RDONLY).err(), Some(Refused::Irregular));
}

/// Secrets are mounted as links to links; the last one must lead to a small file.
#[cfg(unix)]
#[test]
fn what_a_person_names_may_be_a_link_and_ends_at_a_small_file() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("..2026")).unwrap();
    fs::write(dir.path().join("..2026/token"), "\u{feff}sbp").unwrap();
    symlink("..2026", dir.path().join("..data")).unwrap();
    symlink("..data/token", dir.path().join("token")).unwrap();
    symlink("/dev/zero", dir.path().join("endless")).unwrap();
    assert_eq!(given_text(&dir.path().join("token"), 100), Ok("sbp".to_owned()));
    assert_eq!(given(&dir.path().join("token"), 5), Err(Refused::TooLarge { most: 5 }));
    assert_eq!(given(&dir.path().join("endless"), 5), Err(Refused::Irregular));
    assert_eq!(given(&dir.path().join("none"), 5), Err(Refused::Missing));
}

#[cfg(unix)]
#[test]
fn links_are_refused_below_a_root() {
    use std::os::unix::fs::symlink;
    fn law<F: Opened>(at: &Path) {
        fs::create_dir(at.join("real")).unwrap();
        fs::write(at.join("real/a"), "x").unwrap();
        symlink("real/a", at.join("link")).unwrap();
        symlink("real", at.join("folder")).unwrap();
        symlink("nowhere", at.join("dangling")).unwrap();
        symlink("loop", at.join("loop")).unwrap();
        let read = |path: &str| walk::<F>(at, path).and_then(|(folder, name)| bounded(folder.file(&name)?, 100));
        for path in ["link", "folder/a", "dangling", "loop"] {
            assert_eq!(read(path), Err(Refused::Link), "{path}");
        }
        assert_eq!(read("real/a"), Ok(b"x".to_vec()));
        assert_eq!(read("real/a/b"), Err(Refused::Missing));
        assert_eq!(read("real"), Err(Refused::Irregular));
        assert_eq!(read(""), Err(Refused::Irregular));
    }
    both([&law::<Folder>, &law::<portable::Folder>]);
}

#[test]
fn names_of_drafts_are_never_the_same() {
    let all: std::collections::BTreeSet<String> = (0..1000).map(|_| unguessable()).collect();
    assert!(all.len() == 1000 && all.iter().all(|name| name.len() == 32));
}
