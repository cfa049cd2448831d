//! The program as somebody starts it: its settings, and one clear sentence for what cannot be.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::guest::HUNG;

/// The program in a folder of its own, with nothing set but what keeps it from others' ports and folders.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_confab-serve"));
    for name in [
        "PORT",
        "FRONTEND_URL",
        "MEDIA_PORTS",
        "CONFAB_ROOM",
        "CONFAB_RECORDINGS",
        "CONFAB_DATA",
    ] {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("ANNOUNCED_IP", "127.0.0.1")
        .env("CONFAB_WORKERS", "1")
        .args(["--data", "data", "--recordings", "recordings"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs a program that must not start; returns what it says on standard error, without the log.
async fn refusal(command: &mut Command) -> String {
    let output = tokio::time::timeout(HUNG, command.env("RUST_LOG", "off").output())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(output.status.code().map(|code| code != 0), Some(true), "{output:?}");
    String::from_utf8(output.stderr).unwrap().trim().to_owned()
}

/// As [`refusal`], which is one sentence with this in it, and an end.
async fn sentence(command: &mut Command, part: &str) -> String {
    let said = refusal(command).await;
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(part) && said.ends_with('.'), "{said}");
    said
}

/// Starts a program and returns it with the join link that it prints.
async fn link(mut command: Command) -> (Child, String) {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reading = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("a join link");
            if line.trim().starts_with("https://") {
                return line.trim().to_owned();
            }
        }
    };
    let link = tokio::time::timeout(HUNG, reading).await.unwrap();
    (child, link)
}

#[tokio::test]
async fn a_taken_port_is_told_with_what_to_do() {
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = folder();
    let said = sentence(
        program(folder.path()).args(["--port", &port.to_string()]),
        &format!("Port {port}"),
    )
    .await;
    assert!(said.contains("--port"), "{said}");
    sentence(
        program(folder.path()).env("PORT", port.to_string()),
        &format!("Port {port}"),
    )
    .await;
}

#[tokio::test]
async fn taken_media_ports_are_told() {
    let taken = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = folder();
    let range = format!("{port}-{port}");
    sentence(
        program(folder.path()).args(["--port", "0", "--media-ports", &range]),
        &port,
    )
    .await;
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_told() {
    let folder = folder();
    fs::write(folder.path().join("data"), "a file where a folder should be").unwrap();
    sentence(program(folder.path()).args(["--port", "0"]), "data").await;
}

#[tokio::test]
async fn broken_certificates_are_told() {
    let folder = folder();
    let command = || {
        let mut command = program(folder.path());
        command.args(["--port", "0"]);
        command
    };
    let (mut child, _) = link(command()).await;
    child.kill().await.unwrap();
    let pem = files(&folder.path().join("data"))
        .into_iter()
        .find(|file| file.ends_with("authority.pem"))
        .expect("the authority is kept");
    fs::write(&pem, "garbage").unwrap();
    sentence(&mut command(), "authority.pem").await;
    fs::write(&pem, fs::read(env!("CARGO_BIN_EXE_confab-serve")).unwrap()).unwrap();
    sentence(&mut command(), "authority.pem").await;
}

#[tokio::test]
async fn flags_outweigh_the_environment_and_that_the_env_file() {
    let folder = folder();
    fs::write(
        folder.path().join(".env"),
        "# from the guide\nPORT=0\nANNOUNCED_IP=127.0.0.9\nCONFAB_ROOM=of-file\n",
    )
    .unwrap();
    let mut of_file = program(folder.path());
    of_file.env_remove("ANNOUNCED_IP");
    let mut of_environment = program(folder.path());
    of_environment.env("CONFAB_ROOM", "of-environment");
    let mut of_flag = program(folder.path());
    of_flag
        .env("CONFAB_ROOM", "of-environment")
        .args(["--room", "of-flag", "--announced-ip", "127.0.0.7"]);
    for (command, address, room) in [
        (of_file, "127.0.0.9", "of-file"),
        (of_environment, "127.0.0.1", "of-environment"),
        (of_flag, "127.0.0.7", "of-flag"),
    ] {
        let (mut child, link) = link(command).await;
        assert!(link.starts_with(&format!("https://{address}:")), "{link}");
        assert!(link.ends_with(&format!("/r/{room}")), "{link}");
        child.kill().await.unwrap();
    }
}

#[tokio::test]
async fn settings_that_mean_nothing_are_named() {
    let folder = folder();
    let wrong = HashMap::from([
        ("--port", "eighty"),
        ("--announced-ip", "your.public.ip.address"),
        ("--media-ports", "10100-10000"),
        ("--workers", "0"),
        ("--room", "not/a/room"),
        ("--frontend-url", "http://a\nb"),
    ]);
    for (flag, value) in wrong {
        let said = refusal(program(folder.path()).args([flag, value])).await;
        assert!(said.contains(flag), "{flag}: {said}");
    }
    fs::write(folder.path().join(".env"), "PORT = = 8080 '\n").unwrap();
    sentence(&mut program(folder.path()), ".env").await;
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
