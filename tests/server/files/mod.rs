//! Files by real HTTP: sent, told of, had, and gone.

mod bounds;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::asking::{Line, get, put};
use super::guest::{Guest, HUNG, text};
use super::house::House;

const MB: usize = 1 << 20;

/// Offers a file and returns where to send it.
async fn offer(guest: &Guest, name: &str, size: usize) -> String {
    let answer = guest.get("offer-file", json!({ "name": name, "size": size })).await;
    text(&answer["url"])
}

/// Shares a file and returns what all are told of it.
async fn share(house: &House, guest: &Guest, name: &str, bytes: &[u8]) -> Value {
    let url = offer(guest, name, bytes.len()).await;
    let sent = put(house, &url, bytes).await;
    assert_eq!((sent.status, sent.body.as_slice()), (200, b"{}".as_slice()), "{sent:?}");
    let told = guest
        .hear("receive-message", |entry| entry["message"]["file"]["url"] == *url)
        .await;
    told["message"]["file"].clone()
}

/// Bytes that no compression or text handling leaves alone by luck.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

/// The files that lie in the data folder of a house.
fn lying(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() != "lock" {
                found.push(entry.path());
            }
        }
    }
    found
}

async fn until_lying(folder: &Path, count: usize) {
    let deadline = tokio::time::Instant::now() + HUNG;
    while lying(folder).len() != count {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", lying(folder));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A house whose data folder can be looked into.
async fn house_in(folder: &Path) -> House {
    let data = folder.join("data");
    House::with(|config| config.data_dir = data).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_reaches_everybody_as_it_was_and_who_comes_later_too() {
    let folder = tempfile::tempdir().unwrap();
    let house = house_in(folder.path()).await;
    let mut anna = house.guest().await;
    anna.enter_with("share", json!({ "userName": "Anna" })).await;
    let ben = house.guest_in("share").await;
    let bytes = noise(3 * MB + 17);
    let file = share(&house, &anna, "Übung 1.pdf", &bytes).await;
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("Übung 1.pdf"), &json!(bytes.len()))
    );

    let told = ben.hear("receive-message", |_| true).await;
    assert_eq!(told["message"]["file"], file);
    assert_eq!(told["message"]["sender"]["name"], "Anna");
    // Who knows of no files has a text with an address.
    let words = text(&told["message"]["text"]);
    let url = text(&file["url"]);
    assert!(
        words.starts_with("Übung 1.pdf (3 MB) https://127.0.0.1:") && words.ends_with(&url),
        "{words}"
    );

    let cem = house.guest_in("share").await;
    cem.get("get-chat-history", json!({})).await;
    let history = cem.hear("chat-history", |_| true).await;
    assert_eq!(history[0]["message"]["file"], file);

    let had = get(&house, &url, "").await;
    assert_eq!(had.status, 200, "{}", had.head);
    assert!(had.body == bytes, "what came out is what went in");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("content-length", &bytes.len().to_string()),
        (
            "content-disposition",
            "attachment; filename=\"_bung 1.pdf\"; filename*=UTF-8''%C3%9Cbung%201%2Epdf",
        ),
    ] {
        assert_eq!(had.header(name), Some(value), "{}", had.head);
    }
    let part = get(&house, &url, "Range: bytes=1000-1999\r\n").await;
    assert_eq!(part.status, 206, "{}", part.head);
    assert!(part.body == bytes[1_000..2_000]);
    let beyond = get(&house, &url, "Range: bytes=99999999-\r\n").await;
    assert_eq!(beyond.status, 416, "{}", beyond.head);
    let head = Line::ask(&house, "HEAD", &url, "", None).await.answer().await;
    assert_eq!((head.status, head.body.len()), (200, 0));

    assert_eq!(lying(folder.path().join("data").as_path()).len(), 1);
    house.close().await;
    assert!(
        lying(folder.path().join("data").as_path()).is_empty(),
        "a server that ended leaves nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_gone_with_the_room_but_not_from_under_who_is_reading() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let house = house_in(folder.path()).await;
    let anna = house.guest_in("gone").await;
    let bytes = noise(20 * MB);
    let url = text(&share(&house, &anna, "film.webm", &bytes).await["url"]);
    // More than the connection holds on its way: most of it is still to be read.
    let mut reading = Line::ask(&house, "GET", &url, "", None).await;
    let mut first = [0; 1];
    reading.0.read_exact(&mut first).await.unwrap();

    anna.get("leave-room", json!({})).await;
    house.until_rooms(0).await;
    let gone = get(&house, &url, "").await;
    assert_eq!(gone.status, 404);
    assert!(
        String::from_utf8(gone.body)
            .unwrap()
            .starts_with("This file is not here any more")
    );
    let mut rest = Vec::new();
    reading.0.read_to_end(&mut rest).await.unwrap();
    assert!(
        rest.ends_with(&bytes[bytes.len() - 1_000..]),
        "who began to read gets it whole"
    );
    until_lying(&data, 0).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_address_that_was_given_takes_or_gives_anything() {
    let house = House::open().await;
    let anna = house.guest_in("doors").await;
    let url = offer(&anna, "a", 3).await;
    assert_eq!(get(&house, &url, "").await.status, 404, "nobody has it before it came");
    let id = url.rsplit_once('/').unwrap().1;
    assert!(id.len() >= 32, "{id}");
    for path in [
        "/files/doors/x".to_owned(),
        format!("/files/elsewhere/{id}"),
        format!("/files/doors/{}", &id[1..]),
        format!("/files/doors/{id}%2f.."),
        "/files/..%2f..%2fetc/passwd".to_owned(),
        format!("/files/no%20room/{id}"),
        format!("/files/doors/{}", "x".repeat(5_000)),
    ] {
        assert_eq!(put(&house, &path, b"abc").await.status, 404, "{path}");
        assert_eq!(get(&house, &path, "").await.status, 404, "{path}");
    }
    let posted = Line::ask(&house, "POST", &url, "", Some(0)).await.answer().await;
    assert_eq!(posted.status, 405);
    assert_eq!(put(&house, &url, b"abc").await.status, 200, "it is waited for still");
    assert_eq!(put(&house, &url, b"xyz").await.status, 404, "once");
    assert_eq!(get(&house, &url, "").await.body, b"abc");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_names_whatever_they_look_like() {
    let house = House::open().await;
    let anna = house.guest_in("names").await;
    for (name, shown) in [
        ("../../../etc/passwd", "passwd"),
        ("..", "file"),
        ("a\u{0}b\nc.txt", "ab c.txt"),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("👩🏽‍🚀 \"x\"; filename=evil.html", "👩🏽‍🚀 _x_; filename=evil.html"),
        ("<script>alert(1)</script>.html", "script_.html"),
    ] {
        let file = share(&house, &anna, name, b"x").await;
        assert_eq!(file["name"], shown);
        let had = get(&house, file["url"].as_str().unwrap(), "").await;
        assert_eq!((had.status, had.body.as_slice()), (200, b"x".as_slice()), "{name:?}");
        let disposition = had.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        assert_eq!(disposition.matches("filename=\"").count(), 1, "{disposition}");
    }
    let long = share(&house, &anna, &format!("{}.pdf", "x".repeat(300)), b"x").await;
    let long = text(&long["name"]);
    assert!(long.len() <= 180 && long.ends_with("….pdf"), "{long}");
    for (field, value) in [
        ("size", json!(-1)),
        ("size", json!(1.5)),
        ("size", json!("1")),
        ("name", json!(null)),
        ("type", json!(7)),
    ] {
        let mut body = json!({ "name": "a", "size": 1 });
        body[field] = value;
        let refused = text(&anna.ask("offer-file", body).await["error"]);
        assert!(
            refused.starts_with("Invalid request: ") && refused.contains(field),
            "{refused}"
        );
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frontend_from_elsewhere_may_send_and_have_files() {
    let house = House::open().await;
    let anna = house.guest_in("cors").await;
    let url = offer(&anna, "a", 3).await;
    let asks = "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: content-type\r\n";
    let allowed = Line::ask(&house, "OPTIONS", &url, asks, None).await.answer().await;
    assert_eq!(allowed.status, 200);
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some("http://localhost:3000")
    );
    assert!(allowed.header("access-control-allow-methods").unwrap().contains("PUT"));
    let mut line = Line::ask(&house, "PUT", &url, "Origin: http://localhost:3000\r\n", Some(3)).await;
    line.send(b"abc").await;
    let sent = line.answer().await;
    assert_eq!(
        (sent.status, sent.header("access-control-allow-origin")),
        (200, Some("http://localhost:3000"))
    );
    let had = get(&house, &url, "Origin: http://localhost:3000\r\n").await;
    assert_eq!(had.header("access-control-expose-headers"), Some("content-disposition"));
    house.close().await;
}
