//! The media structures of `mediasoup-client`, taken as npm `mediasoup` takes them (its `ortc.ts`, `validate…`): what is
//! optional there is optional here and has the same default. The engine's own types ask for all of it.

use std::str::FromStr as _;

use mediasoup_types::rtp_parameters::{MimeTypeAudio, MimeTypeVideo, RtpHeaderExtensionUri};
use serde_json::{Map, Value, json};

type Fields = Map<String, Value>;

/// Completes `rtpCapabilities`. Codecs and header extensions that the engine does not know are left out: no room has
/// them, so that nothing could match them.
pub(super) fn complete_rtp_capabilities(payload: &mut Value) {
    let Some(capabilities) = structure(payload, "rtpCapabilities") else {
        return;
    };
    for codec in list(capabilities, "codecs") {
        complete_codec(codec);
        if let Some((kind, _)) = codec.get("mimeType").and_then(mime) {
            codec.insert("kind".to_owned(), json!(kind));
        }
    }
    for extension in list(capabilities, "headerExtensions") {
        set_default(extension, "preferredEncrypt", json!(false));
        set_default(extension, "direction", json!("sendrecv"));
    }
    retain(capabilities, "codecs", |codec| {
        codec
            .get("mimeType")
            .and_then(mime)
            .is_none_or(|(_, is_known)| is_known)
    });
    retain(capabilities, "headerExtensions", |extension| {
        let uri = extension.get("uri").and_then(Value::as_str);
        uri.is_none_or(|uri| RtpHeaderExtensionUri::from_str(uri).is_ok())
    });
}

/// Completes `rtpParameters`. Their codecs are mandatory.
pub(super) fn complete_rtp_parameters(payload: &mut Value) {
    let Some(parameters) = structure(payload, "rtpParameters") else {
        return;
    };
    if parameters.contains_key("codecs") {
        for codec in list(parameters, "codecs") {
            complete_codec(codec);
        }
    }
    for extension in list(parameters, "headerExtensions") {
        set_default(extension, "encrypt", json!(false));
    }
    for encoding in list(parameters, "encodings") {
        if !encoding.get("dtx").is_some_and(Value::is_boolean) {
            encoding.remove("dtx");
        }
        if encoding.get("scalabilityMode").and_then(Value::as_str) == Some("") {
            encoding.remove("scalabilityMode");
        }
    }
    set_default(parameters, "rtcp", json!({}));
    if let Some(rtcp) = parameters.get_mut("rtcp").and_then(Value::as_object_mut) {
        rtcp.insert("reducedSize".to_owned(), json!(true));
    }
}

/// Completes `dtlsParameters`. Their fingerprints are mandatory.
pub(super) fn complete_dtls_parameters(payload: &mut Value) {
    if let Some(parameters) = structure(payload, "dtlsParameters") {
        set_default(parameters, "role", json!("auto"));
    }
}

/// What capabilities and parameters of a codec have in common.
fn complete_codec(codec: &mut Fields) {
    if codec
        .get("mimeType")
        .and_then(mime)
        .is_some_and(|(kind, _)| kind == "audio")
        && !codec.get("channels").is_some_and(Value::is_number)
    {
        codec.insert("channels".to_owned(), json!(1));
    }
    if !codec.get("parameters").is_some_and(Value::is_object) {
        codec.insert("parameters".to_owned(), json!({}));
    }
    if !codec.get("rtcpFeedback").is_some_and(Value::is_array) {
        codec.insert("rtcpFeedback".to_owned(), json!([]));
    }
    for feedback in list(codec, "rtcpFeedback") {
        // The engine refuses a feedback with anything else in it.
        feedback.retain(|name, _| matches!(name.as_str(), "type" | "parameter"));
        if !feedback.get("parameter").is_some_and(Value::is_string) {
            feedback.insert("parameter".to_owned(), json!(""));
        }
    }
}

/// The kind that a MIME type names, and whether the engine knows the codec; none for what is no such type.
fn mime(value: &Value) -> Option<(&'static str, bool)> {
    let text = value.as_str()?.to_ascii_lowercase();
    if text.starts_with("audio/") {
        Some(("audio", MimeTypeAudio::from_str(&text).is_ok()))
    } else if text.starts_with("video/") {
        Some(("video", MimeTypeVideo::from_str(&text).is_ok()))
    } else {
        None
    }
}

/// A structure in a payload, without its nulls: JavaScript takes them for what is left out.
fn structure<'a>(payload: &'a mut Value, name: &str) -> Option<&'a mut Fields> {
    let value = payload.get_mut(name)?;
    drop_nulls(value);
    value.as_object_mut()
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(entries) => entries.iter_mut().for_each(drop_nulls),
        _ => (),
    }
}

fn set_default(fields: &mut Fields, name: &str, default: Value) {
    fields.entry(name).or_insert(default);
}

/// The objects of a list, which is an empty one where there is none.
fn list<'a>(fields: &'a mut Fields, name: &str) -> impl Iterator<Item = &'a mut Fields> {
    let list = fields.entry(name).or_insert_with(|| json!([]));
    let entries = list.as_array_mut().into_iter().flatten();
    entries.filter_map(Value::as_object_mut)
}

fn retain(fields: &mut Fields, name: &str, fits: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(entries)) = fields.get_mut(name) {
        entries.retain(fits);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Refusal, Request};
    use super::*;

    /// What is made of a structure of an event, in the engine's own words.
    fn read(event: &str, name: &str, structure: Value) -> Result<Value, Refusal> {
        let mut payload = json!({ "roomId": "a", "transportId": "t", "producerId": "p", "kind": "audio" });
        payload[name] = structure;
        let written = |value: serde_json::Result<Value>| value.unwrap();
        Request::parse(event, payload).unwrap().map(|request| match request {
            Request::Join(body) => written(serde_json::to_value(body.rtp_capabilities)),
            Request::Consume(body) => written(serde_json::to_value(body.rtp_capabilities)),
            Request::Produce(body) => written(serde_json::to_value(body.rtp_parameters)),
            Request::ConnectTransport(body) => written(serde_json::to_value(body.dtls_parameters)),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn capabilities_may_lack_their_lists() {
        let none = json!({ "codecs": [], "headerExtensions": [] });
        for event in ["join-mediasoup-room", "consume"] {
            for some in [
                json!({}),
                json!({ "codecs": [] }),
                json!({ "headerExtensions": [] }),
                json!({ "codecs": null, "headerExtensions": null }),
            ] {
                assert_eq!(
                    read(event, "rtpCapabilities", some.clone()).unwrap(),
                    none,
                    "{event} {some}"
                );
            }
            for wrong in [
                json!(7),
                json!([]),
                json!({ "codecs": "opus" }),
                json!({ "headerExtensions": {} }),
            ] {
                assert!(
                    read(event, "rtpCapabilities", wrong.clone()).is_err(),
                    "{event} {wrong}"
                );
            }
        }
    }

    #[test]
    fn codecs_and_extensions_of_capabilities_may_lack_all_but_their_names() {
        let some = json!({
            "codecs": [
                { "mimeType": "audio/OPUS", "clockRate": 48_000 },
                { "mimeType": "video/vp8", "clockRate": 90_000, "kind": "audio", "channels": 7,
                  "parameters": null, "rtcpFeedback": [{ "type": "nack" }, { "type": "ccm", "parameter": "fir", "x": 1 }] },
                { "mimeType": "video/H265", "clockRate": 90_000 },
            ],
            "headerExtensions": [
                { "kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1 },
                { "kind": "video", "uri": "urn:of:nobody", "preferredId": 2 },
            ],
        });
        let completed = json!({
            "codecs": [
                { "kind": "audio", "mimeType": "audio/opus", "clockRate": 48_000, "channels": 1, "parameters": {},
                  "rtcpFeedback": [] },
                { "kind": "video", "mimeType": "video/VP8", "clockRate": 90_000, "parameters": {},
                  "rtcpFeedback": [{ "type": "nack", "parameter": "" }, { "type": "ccm", "parameter": "fir" }] },
            ],
            "headerExtensions": [
                { "kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "preferredId": 1,
                  "preferredEncrypt": false, "direction": "sendrecv" },
            ],
        });
        assert_eq!(read("consume", "rtpCapabilities", some).unwrap(), completed);
        for wrong in [
            json!({ "clockRate": 48_000 }),
            json!({ "mimeType": "smell/rose", "clockRate": 1 }),
            json!({ "mimeType": "audio/opus" }),
        ] {
            let refusal = read("consume", "rtpCapabilities", json!({ "codecs": [wrong] })).unwrap_err();
            assert!(refusal.to_string().contains("`rtpCapabilities.codecs[0]"), "{refusal}");
        }
    }

    #[test]
    fn parameters_may_lack_all_but_their_codecs() {
        let some = json!({
            "mid": null,
            "codecs": [{ "mimeType": "audio/opus", "payloadType": 100, "clockRate": 48_000 }],
            "encodings": [{ "ssrc": 1, "dtx": "yes", "rtx": null, "scalabilityMode": null }],
            "headerExtensions": [{ "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1 }],
            "rtcp": { "reducedSize": false },
        });
        let completed = json!({
            "codecs": [{ "mimeType": "audio/opus", "payloadType": 100, "clockRate": 48_000, "channels": 1,
                         "parameters": {}, "rtcpFeedback": [] }],
            "encodings": [{ "ssrc": 1, "scalabilityMode": "S1T1" }],
            "headerExtensions": [{ "uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 1, "encrypt": false }],
            "rtcp": { "reducedSize": true },
        });
        let mut read_some = read("produce", "rtpParameters", some).unwrap();
        let mode = read_some["encodings"][0].as_object_mut().unwrap();
        mode.entry("scalabilityMode").or_insert(json!("S1T1"));
        assert_eq!(read_some, completed);
        let bare = json!({ "codecs": [] });
        let completed =
            json!({ "codecs": [], "headerExtensions": [], "encodings": [], "rtcp": { "reducedSize": true } });
        assert_eq!(read("produce", "rtpParameters", bare).unwrap(), completed);
        let refusal = read("produce", "rtpParameters", json!({})).unwrap_err();
        assert!(refusal.to_string().contains("codecs"), "{refusal}");
    }

    #[test]
    fn the_role_of_dtls_is_for_the_engine_to_choose() {
        let fingerprints = json!([{ "algorithm": "sha-256", "value": format!("{}AB", "AB:".repeat(31)) }]);
        for some in [
            json!({ "fingerprints": fingerprints }),
            json!({ "fingerprints": fingerprints, "role": null }),
        ] {
            assert_eq!(
                read("connect-transport", "dtlsParameters", some).unwrap()["role"],
                "auto"
            );
        }
        assert!(read("connect-transport", "dtlsParameters", json!({ "role": "auto" })).is_err());
    }

    #[test]
    fn data_of_a_stream_may_be_left_out_or_null() {
        let parameters = json!({ "codecs": [] });
        for data in [json!(null), json!({}), json!({ "share": 1 }), json!({ "share": false })] {
            let payload = json!({ "roomId": "a", "transportId": "t", "kind": "video", "rtpParameters": parameters,
                                  "appData": data });
            match Request::parse("produce", payload).unwrap().unwrap() {
                Request::Produce(body) => assert!(!body.is_screen_share(), "{data}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
