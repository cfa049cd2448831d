//! A guest's end of Socket.IO over a bare websocket: what it says and hears can be looked at frame by frame, and its
//! line can be cut. That clients of the real kind get along with the server is for `tests/guide` to prove.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long anything may take before the test counts as hung. Nothing is expected to be fast.
pub(crate) const HUNG: Duration = Duration::from_secs(60);

type Acks = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;
type Heard = watch::Sender<Vec<(String, Value)>>;

pub(crate) struct Guest {
    /// The socket's id.
    pub(crate) id: String,
    /// The room joined last.
    pub(crate) room: String,
    say: mpsc::UnboundedSender<String>,
    acks: Acks,
    heard: Heard,
    is_reading: watch::Sender<bool>,
    next_ack: AtomicU64,
    line: JoinHandle<()>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.line.abort();
    }
}

impl Guest {
    pub(crate) async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let url = format!("ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket");
        let (mut socket, _) = client_async(url, stream).await.unwrap();
        let opened = socket.next().await.unwrap().unwrap();
        assert!(opened.to_text().unwrap().starts_with('0'), "{opened}");
        socket.send(Message::text("40")).await.unwrap();
        let body: Value = loop {
            let frame = socket.next().await.unwrap().unwrap();
            match frame.to_text().unwrap() {
                "2" => socket.send(Message::text("3")).await.unwrap(),
                connected => break serde_json::from_str(connected.strip_prefix("40").unwrap()).unwrap(),
            }
        };
        let (say, said) = mpsc::unbounded_channel();
        let acks = Acks::default();
        let heard = Heard::default();
        let is_reading = watch::Sender::new(true);
        Self {
            id: body["sid"].as_str().unwrap().to_owned(),
            room: String::new(),
            say,
            line: tokio::spawn(carry(
                socket,
                said,
                Arc::clone(&acks),
                heard.clone(),
                is_reading.subscribe(),
            )),
            acks,
            heard,
            is_reading,
            next_ack: AtomicU64::new(0),
        }
    }

    /// Sends a frame as it is.
    pub(crate) fn say(&self, frame: impl Into<String>) {
        // A line that is gone is noticed by what is not heard.
        let _ = self.say.send(frame.into());
    }

    /// Sends an event without an acknowledgement.
    pub(crate) fn emit(&self, event: &str, payload: Value) {
        self.say(format!("42{}", json!([event, payload])));
    }

    /// Sends an event with these arguments and returns what it is acknowledged with.
    pub(crate) async fn call(&self, event: &str, arguments: &[Value]) -> Value {
        let answer = self.try_call(event, arguments).await;
        answer.unwrap_or_else(|| panic!("{event}: the server hung up"))
    }

    /// As [`Self::call`]; nothing where the server hangs up instead.
    pub(crate) async fn try_call(&self, event: &str, arguments: &[Value]) -> Option<Value> {
        let id = self.next_ack.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.acks.lock().unwrap().insert(id, sender);
        let mut frame = vec![json!(event)];
        frame.extend_from_slice(arguments);
        self.say(format!("42{id}{}", Value::Array(frame)));
        let hung_up = async {
            while self.is_connected() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let either = async {
            tokio::select! {
                answer = answer => answer.ok(),
                () = hung_up => None,
            }
        };
        let answered = tokio::time::timeout(HUNG, either).await;
        answered.unwrap_or_else(|_| panic!("{event} was never acknowledged"))
    }

    /// Whether the server still answers here, rather than hang up; it must do one of the two. What was said before has
    /// reached it by then.
    pub(crate) async fn is_served(&self) -> bool {
        self.try_call("leave-room", &[json!({})]).await.is_some()
    }

    /// Asks for something about the guest's room; `body` completes the payload.
    pub(crate) async fn ask(&self, event: &str, mut body: Value) -> Value {
        if body.get("roomId").is_none() {
            body["roomId"] = json!(self.room);
        }
        self.call(event, &[body]).await
    }

    /// As [`Self::ask`], for what must not be refused.
    pub(crate) async fn get(&self, event: &str, body: Value) -> Value {
        let answer = self.ask(event, body).await;
        assert!(answer.get("error").is_none(), "{event}: {answer}");
        answer
    }

    /// Asks about a room and joins it, as all frontends do.
    pub(crate) async fn enter(&mut self, room: &str) -> Value {
        self.enter_with(room, json!({})).await
    }

    /// As [`Self::enter`], with more to say in the join.
    pub(crate) async fn enter_with(&mut self, room: &str, join: Value) -> Value {
        let answer = self.try_enter(room, join).await;
        assert!(answer.get("error").is_none(), "{room}: {answer}");
        answer
    }

    /// As [`Self::enter_with`], where the join may be refused.
    pub(crate) async fn try_enter(&mut self, room: &str, mut join: Value) -> Value {
        room.clone_into(&mut self.room);
        self.get("get-rtp-capabilities", json!({})).await;
        join["rtpCapabilities"] = rtp_capabilities();
        self.ask("join-mediasoup-room", join).await
    }

    /// Makes a transport and returns its parameters.
    pub(crate) async fn transport(&self, direction: &str) -> Value {
        let answer = self
            .get("create-webrtc-transport", json!({ "direction": direction }))
            .await;
        answer["params"].clone()
    }

    /// Sends a stream and returns its id.
    pub(crate) async fn produce(&self, transport: &Value, kind: &str, ssrc: u32) -> String {
        let body = json!({ "transportId": transport["id"], "kind": kind, "rtpParameters": rtp_parameters(kind, ssrc) });
        text(&self.get("produce", body).await["id"])
    }

    /// Receives a stream and returns the consumer's id.
    pub(crate) async fn consume(&self, producer: &str) -> String {
        let body = json!({ "producerId": producer, "rtpCapabilities": rtp_capabilities() });
        text(&self.get("consume", body).await["id"])
    }

    /// The first event of this name, heard already or yet to come, that fits.
    pub(crate) async fn hear(&self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let find = |heard: &Vec<(String, Value)>| {
            let event = heard.iter().find(|(event, data)| event == name && fits(data));
            event.map(|(_, data)| data.clone())
        };
        let mut events = self.heard.subscribe();
        let found = tokio::time::timeout(HUNG, events.wait_for(|heard| find(heard).is_some())).await;
        match found {
            Ok(Ok(heard)) => find(&heard).unwrap(),
            _ => panic!("never heard {name}; heard {:?}", self.names()),
        }
    }

    /// Waits for a list of participants with these ids, in this order.
    pub(crate) async fn hear_list(&self, ids: &[&str]) -> Value {
        let fits = |list: &Value| {
            let people = list.as_array().unwrap();
            people.len() == ids.len() && people.iter().zip(ids).all(|(person, id)| person["id"] == **id)
        };
        self.hear("participant-list-update", fits).await
    }

    /// The names of the events heard so far, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.heard.borrow().iter().map(|(name, _)| name.clone()).collect()
    }

    /// Everything heard so far, as text.
    pub(crate) fn all_heard(&self) -> String {
        format!("{:?}", self.heard.borrow())
    }

    /// Forgets what was heard so far, and what was said before this but is still on its way: a room tells and answers
    /// in one order, so an answer of it comes after all that.
    pub(crate) async fn forget(&self) {
        self.get("update-my-state", json!({})).await;
        self.heard.send_modify(Vec::clear);
    }

    /// Takes nothing of what comes any more, or again.
    pub(crate) fn read(&self, is_reading: bool) {
        self.is_reading.send_replace(is_reading);
    }

    /// Whether the line is there still.
    pub(crate) fn is_connected(&self) -> bool {
        !self.line.is_finished()
    }

    /// Waits until the server hangs up.
    pub(crate) async fn until_hung_up(&mut self) {
        tokio::time::timeout(HUNG, &mut self.line).await.unwrap().unwrap();
    }

    /// Says goodbye, as a page does that is closed.
    pub(crate) fn say_goodbye(&self) {
        self.say("41");
    }

    /// Cuts the line without a goodbye, as a lost network does.
    pub(crate) fn cut(&self) {
        self.line.abort();
    }
}

/// Carries frames to and fro until the server hangs up.
async fn carry(
    mut socket: WebSocketStream<TcpStream>,
    mut said: mpsc::UnboundedReceiver<String>,
    acks: Acks,
    heard: Heard,
    mut is_reading: watch::Receiver<bool>,
) {
    while is_reading.wait_for(|is_reading| *is_reading).await.is_ok() {
        let frame = tokio::select! {
            Some(frame) = said.recv() => {
                if socket.send(Message::text(frame)).await.is_err() {
                    break;
                }
                continue;
            }
            frame = socket.next() => frame,
        };
        let Some(Ok(Message::Text(frame))) = frame else { break };
        let frame = frame.as_str();
        if frame == "2" {
            if socket.send(Message::text("3")).await.is_err() {
                break;
            }
        } else if let Some(rest) = frame.strip_prefix("43") {
            let (id, body) = rest.split_at(rest.find('[').unwrap());
            let answer: Vec<Value> = serde_json::from_str(body).unwrap();
            let sender = acks.lock().unwrap().remove(&id.parse().unwrap());
            let _ = sender
                .expect("an answer that is owed")
                .send(answer.into_iter().next().unwrap_or_default());
        } else if let Some(body) = frame.strip_prefix("42") {
            let (name, data) = serde_json::from_str(body).unwrap();
            heard.send_modify(|events| events.push((name, data)));
        } else if frame.starts_with('1') || frame.starts_with("41") {
            break;
        }
    }
    acks.lock().unwrap().clear();
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What a browser can receive.
pub(crate) fn rtp_capabilities() -> Value {
    json!({
        "codecs": [
            { "kind": "audio", "mimeType": "audio/opus", "preferredPayloadType": 100, "clockRate": 48000, "channels": 2,
              "parameters": {}, "rtcpFeedback": [] },
            { "kind": "video", "mimeType": "video/VP8", "preferredPayloadType": 101, "clockRate": 90000,
              "parameters": {}, "rtcpFeedback": [] },
        ],
        "headerExtensions": [],
    })
}

/// What a browser sends.
pub(crate) fn rtp_parameters(kind: &str, ssrc: u32) -> Value {
    let codec = if kind == "audio" {
        json!({ "mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2, "parameters": {},
                "rtcpFeedback": [] })
    } else {
        json!({ "mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000, "parameters": {}, "rtcpFeedback": [] })
    };
    json!({
        "codecs": [codec],
        "headerExtensions": [],
        "encodings": [{ "ssrc": ssrc }],
        "rtcp": { "cname": format!("guest-{ssrc}"), "reducedSize": true },
    })
}
