//! A view of the file systems of a test's own, so that it can mount a small disk where no other process sees it.

use std::path::Path;
use std::process::Command;

use super::own_process;

/// How to get such a view, as root and as anybody.
const OWN_VIEW: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];

/// Runs an ignored test of this program in a view of its own, where the system lets anybody have one.
pub(crate) fn run(test: &str) {
    let works = |arguments: &&[&str]| {
        let mut command = Command::new("unshare");
        command.args(*arguments).arg("true");
        command.output().is_ok_and(|output| output.status.success())
    };
    let Some(arguments) = OWN_VIEW.into_iter().find(works) else {
        eprintln!("Not tested: this system lets nobody mount a small disk.");
        return;
    };
    let mut command = Command::new("unshare");
    command.args(arguments).arg(own_process::this_program().get_program());
    own_process::run(command, test);
}

/// Mounts a disk in memory.
pub(crate) fn mount(options: &str, folder: &Path) {
    let mut command = Command::new("mount");
    let status = command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(folder)
        .status();
    assert!(status.unwrap().success(), "{options}");
}

/// A disk in a file, as a drive that fails or is plugged in and out is one.
pub(crate) struct Drive<'a> {
    image: &'a Path,
    folder: &'a Path,
}

impl<'a> Drive<'a> {
    /// Makes it and mounts it; `None` where that is not to be had.
    pub(crate) fn new(image: &'a Path, folder: &'a Path) -> Option<Self> {
        std::fs::File::create(image).unwrap().set_len(400 << 20).unwrap();
        let mut command = Command::new("/sbin/mkfs.ext4");
        let made = command.args(["-q", "-m", "0"]).arg(image).status();
        let drive = Self { image, folder };
        (made.is_ok_and(|made| made.success()) && drive.is_mounted("loop")).then_some(drive)
    }

    fn is_mounted(&self, options: &str) -> bool {
        let mut command = Command::new("mount");
        command.args(["-o", options]).arg(self.image).arg(self.folder);
        command.output().unwrap().status.success()
    }

    /// Lets it fail, so that the system lets nobody write to it any more. What was written before is on it.
    pub(crate) fn fail(&self) {
        for (program, arguments) in [("sync", &["-f"][..]), ("mount", &["-o", "remount,abort"])] {
            let mut command = Command::new(program);
            assert!(command.args(arguments).arg(self.folder).status().unwrap().success());
        }
        // The first write shows it.
        let begun = std::time::Instant::now();
        while std::fs::write(self.folder.join("probe"), "").is_ok() {
            assert!(begun.elapsed() < super::guest::HUNG, "it does not fail");
        }
    }

    /// Takes it out and puts it in again, in order.
    pub(crate) fn mend(&self) {
        assert!(Command::new("umount").arg(self.folder).status().unwrap().success());
        assert!(self.is_mounted("loop"));
    }
}
