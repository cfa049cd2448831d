//! nginx with its module for RTMP, on a free port of this computer, which keeps what it gets. The benchmark has it, too.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// How long it may take to listen.
const STARTING: Duration = Duration::from_secs(60);

/// The server. Dropping it ends it.
pub(crate) struct Nginx {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Nginx {
    /// One that does not run yet.
    pub(crate) fn closed() -> Self {
        let folder = tempfile::tempdir().expect("a folder of its own");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        std::fs::create_dir(folder.path().join("kept")).expect("a folder for what it keeps");
        let at = folder.path().display();
        let configuration = format!(
            "load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\n\
             daemon off; master_process off; pid {at}/pid; error_log {at}/errors;\n\
             events {{}}\n\
             rtmp {{ access_log off; server {{ listen 127.0.0.1:{port};\n\
             application live {{ live on; record all; record_path {at}/kept; record_unique on; }}\n\
             application closed {{ live on; deny publish all; }} }} }}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), configuration).expect("its settings");
        Self {
            folder,
            port,
            process: None,
        }
    }

    /// Starts it, and returns when it listens.
    pub(crate) async fn start(&mut self) {
        let folder = self.folder.path();
        let process = Command::new("/usr/sbin/nginx")
            .arg("-p")
            .arg(folder)
            .arg("-e")
            .arg(folder.join("errors"))
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .stdout(Stdio::null())
            .spawn()
            .expect("nginx is installed, and libnginx-mod-rtmp");
        self.process = Some(process);
        let deadline = tokio::time::Instant::now() + STARTING;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(tokio::time::Instant::now() < deadline, "nginx does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it runs");
            process.wait().expect("it ends");
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What it kept: a file for each time that it was connected to.
    pub(crate) fn kept(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path().join("kept"));
        let files = files.expect("the folder for what it keeps").flatten();
        let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        files.sort();
        files
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.kill();
    }
}
