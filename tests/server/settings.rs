//! The program as somebody starts it: its settings, and one clear sentence for what cannot be.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

use super::guest::{Guest, HUNG};

/// The program in a folder of its own, with nothing set but what keeps it from others' ports and folders.
fn program(folder: &Path) -> Command {
    program_with_data(folder, "data")
}

/// As [`program`], with its data elsewhere.
fn program_with_data(folder: &Path, data: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_confab-serve"));
    for name in [
        "PORT",
        "FRONTEND_URL",
        "MEDIA_PORTS",
        "CONFAB_ROOM",
        "CONFAB_GUESTS_MAKE_ROOMS",
        "CONFAB_FIRST_COMER_HOSTS",
        "CONFAB_RECORDINGS",
        "CONFAB_DATA",
    ] {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("ANNOUNCED_IP", "127.0.0.1")
        .env("CONFAB_WORKERS", "1")
        .args(["--data", data, "--recordings", "recordings"])
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

/// What a running program prints.
type Printed = Lines<BufReader<ChildStdout>>;

/// Waits for a printed line that fits, and returns it without the blanks around it.
async fn line(printed: &mut Printed, fits: impl Fn(&str) -> bool) -> String {
    let reading = async {
        loop {
            let line = printed.next_line().await.unwrap().expect("it goes on printing");
            if fits(line.trim()) {
                return line.trim().to_owned();
            }
        }
    };
    tokio::time::timeout(HUNG, reading).await.unwrap()
}

/// Starts a program and returns it with what it prints and its port, once it serves.
async fn serving(mut command: Command) -> (Child, Printed, u16) {
    let mut child = command.args(["--port", "0"]).stderr(Stdio::null()).spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let link = line(&mut printed, |line| line.starts_with("https://")).await;
    let port = link.split(['/', ':']).find_map(|part| part.parse().ok()).unwrap();
    (child, printed, port)
}

/// Starts a program and returns it with the join link that it prints.
async fn link(mut command: Command) -> (Child, String) {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
    let link = line(&mut printed, |line| line.starts_with("https://")).await;
    (child, link)
}

/// Asks a program to end.
#[cfg(unix)]
fn ask_to_end(child: &Child) {
    let id = child.id().unwrap().to_string();
    let told = std::process::Command::new("kill").args(["-TERM", &id]).status();
    assert!(told.unwrap().success());
}

/// Runs the program by a shell that first sets limits for it.
#[cfg(unix)]
fn limited(folder: &Path, limits: &str) -> Command {
    let plain = program(folder);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}; exec \"$0\" \"$@\"")]);
    command
        .arg(plain.as_std().get_program())
        .args(plain.as_std().get_args());
    for (name, value) in plain.as_std().get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Whether the server answers.
async fn answers(port: u16) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    tokio::time::timeout(HUNG, asking).await.unwrap().unwrap_or(false)
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

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_data_folder_where_nobody_may_write_is_told() {
    let folder = folder();
    let mut command = program_with_data(folder.path(), "/sys/confab");
    sentence(command.args(["--port", "0"]), "/sys/confab").await;
}

#[tokio::test]
async fn the_env_file_of_a_folder_above_is_none_of_ours() {
    let folder = folder();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(folder.path().join(".env"), "CONFAB_ROOM=above\n").unwrap();
    let mut command = program(&below);
    command.args(["--port", "0"]);
    let (mut child, link) = link(command).await;
    assert!(link.ends_with("/r/meeting"), "{link}");
    child.kill().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_ends_at_once_what_the_first_waits_for() {
    let folder = folder();
    let (mut child, mut printed, port) = serving(program(folder.path())).await;
    // A request that never becomes whole: it is waited for, for some seconds.
    let mut slow = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    slow.write_all(b"GET /health HTTP/1.1\r\nHost:").await.unwrap();
    assert!(answers(port).await);
    ask_to_end(&child);
    line(&mut printed, |line| line.starts_with("Ending")).await;
    ask_to_end(&child);
    let status = tokio::time::timeout(HUNG, child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(130));
}

#[cfg(unix)]
#[tokio::test]
async fn a_terminal_that_is_gone_ends_nothing() {
    let folder = folder();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = program(folder.path());
    command.args(["--port", &port.to_string()]).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let serves = async {
        while !answers(port).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HUNG, serves).await.unwrap();
    ask_to_end(&child);
    let status = tokio::time::timeout(HUNG, child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(unix)]
#[tokio::test]
async fn more_guests_come_in_than_the_system_lets_in_at_first() {
    let folder = folder();
    let (child, mut printed, port) = serving(limited(folder.path(), "ulimit -S -n 96")).await;
    let mut guests = Vec::new();
    for _ in 0..150 {
        guests.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
    }
    assert!(answers(port).await);
    ask_to_end(&child);
    let said = line(&mut printed, |line| {
        line.starts_with("Ending") || line.contains("no more guests")
    })
    .await;
    assert!(said.starts_with("Ending"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_system_that_lets_no_more_guests_in_is_told_and_lets_them_in_again_later() {
    let folder = folder();
    let (mut child, mut printed, port) = serving(limited(folder.path(), "ulimit -n 96")).await;
    let mut guests = Vec::new();
    for _ in 0..150 {
        guests.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
    }
    let told = line(&mut printed, |line| line.contains("lets no more guests in")).await;
    assert!(told.contains("ulimit -n") && told.ends_with('.'), "{told}");
    drop(guests);
    assert!(answers(port).await);
    child.kill().await.unwrap();
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
async fn the_hosts_own_link_is_printed_after_the_guests_and_stays_the_same() {
    let folder = folder();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let (mut child, mut printed, port) = serving(program(folder.path())).await;
        let own = line(&mut printed, |line| line.contains("#host=")).await;
        let (link, key) = own.split_once("#host=").unwrap();
        assert_eq!(link, format!("https://127.0.0.1:{port}/r/meeting"));
        keys.push(key.to_owned());
        child.kill().await.unwrap();
    }
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn who_may_make_and_host_rooms_can_be_said_at_the_start() {
    let folder = folder();
    let unset = program(folder.path());
    let mut closed = program(folder.path());
    closed.args(["--guests-make-rooms", "no", "--first-comer-hosts", "no"]);
    let mut outweighed = program(folder.path());
    outweighed
        .env("CONFAB_GUESTS_MAKE_ROOMS", "no")
        .env("CONFAB_FIRST_COMER_HOSTS", "no")
        .args(["--guests-make-rooms", "yes", "--first-comer-hosts", "yes"]);
    let mut of_environment = program(folder.path());
    of_environment
        .env("CONFAB_GUESTS_MAKE_ROOMS", "false")
        .env("CONFAB_FIRST_COMER_HOSTS", "0");
    for (command, is_open) in [
        (unset, true),
        (closed, false),
        (outweighed, true),
        (of_environment, false),
    ] {
        let (mut child, _printed, port) = serving(command).await;
        let mut guest = Guest::connect(port).await;
        let asked = [json!({ "roomId": "made-up" })];
        let answer = guest.call("get-rtp-capabilities", &asked).await;
        assert_eq!(answer.get("error").is_none(), is_open, "{answer}");
        assert_eq!(guest.enter("meeting").await["isHost"], is_open);
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
        ("--guests-make-rooms", "perhaps"),
        ("--first-comer-hosts", "perhaps"),
        ("--frontend-url", "http://a\nb"),
    ]);
    for (flag, value) in wrong {
        let said = refusal(program(folder.path()).args([flag, value])).await;
        assert!(said.contains(flag), "{flag}: {said}");
    }
    fs::write(folder.path().join(".env"), "PORT = = 8080 '\n").unwrap();
    let path = folder.path().canonicalize().unwrap().join(".env");
    sentence(&mut program(folder.path()), &path.display().to_string()).await;
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
