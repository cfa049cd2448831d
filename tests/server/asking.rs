//! Plain HTTP by hand: requests that go out in parts, and answers that are bytes.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::guest::{HUNG, text};
use super::house::House;

/// An answer by HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self
            .head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(key, _)| *key == name));
        line.map(|(_, value)| value)
    }

    pub(crate) fn error(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        text(&body["error"])
    }
}

/// A connection on which a request goes out in parts.
pub(crate) struct Line(pub(crate) TcpStream);

impl Line {
    async fn open(house: &House) -> Self {
        Self(TcpStream::connect(("127.0.0.1", house.server.port())).await.unwrap())
    }

    /// Sends the head of a request, which announces a body of so many bytes.
    pub(crate) async fn ask(house: &House, method: &str, path: &str, headers: &str, length: Option<usize>) -> Self {
        let mut line = Self::open(house).await;
        let length = length.map_or(String::new(), |length| format!("Content-Length: {length}\r\n"));
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}Connection: close\r\n\r\n");
        line.send(head.as_bytes()).await;
        line
    }

    /// The server may have hung up by now; its answer tells.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    pub(crate) async fn answer(mut self) -> Answer {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(HUNG, self.0.read_to_end(&mut answer)).await;
        read.expect("an answer").unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body: answer[end + 4..].to_vec(),
        }
    }
}

pub(crate) async fn get(house: &House, path: &str, headers: &str) -> Answer {
    Line::ask(house, "GET", path, headers, None).await.answer().await
}

pub(crate) async fn put(house: &House, path: &str, bytes: &[u8]) -> Answer {
    let mut line = Line::ask(house, "PUT", path, "", Some(bytes.len())).await;
    line.send(bytes).await;
    line.answer().await
}
