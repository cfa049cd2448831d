//! How a transport and its streams fare, as `get-stats` answers.

use mediasoup::consumer::ConsumerStat;
use mediasoup::prelude::*;
use mediasoup::producer::ProducerStat;
use mediasoup::webrtc_transport::WebRtcTransportStat;
use mediasoup_types::data_structures::{DtlsState, IceState, TransportTuple};
use serde::Serialize;
use ts_rs::TS;

/// Answers `get-stats`.
#[derive(Debug, Clone, Serialize, TS)]
#[ts(export)]
pub struct StatsAck {
    /// The transport as a whole.
    pub transport: TransportStats,
    /// Its streams: one entry for each simulcast layer that is sent, one for each stream that is received.
    pub streams: Vec<StreamStats>,
}

/// How a transport fares, as the server sees it.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransportStats {
    /// The transport.
    #[ts(type = "string")]
    pub transport_id: TransportId,
    /// Whether a path is found.
    #[ts(type = "'new' | 'connected' | 'completed' | 'disconnected'")]
    pub ice_state: IceState,
    /// Whether the path is secured.
    #[ts(type = "'new' | 'connecting' | 'connected' | 'failed' | 'closed'")]
    pub dtls_state: DtlsState,
    /// How the path goes; none before there is one.
    #[ts(type = "'udp' | 'tcp' | null")]
    pub protocol: Option<Protocol>,
    /// Bytes from the client so far.
    #[ts(type = "number")]
    pub bytes_received: u64,
    /// Bytes to the client so far.
    #[ts(type = "number")]
    pub bytes_sent: u64,
    /// From the client, in bits per second.
    #[ts(type = "number")]
    pub recv_bitrate: u64,
    /// To the client, in bits per second.
    #[ts(type = "number")]
    pub send_bitrate: u64,
    /// What the way to the client can take, in bits per second, where that is known.
    #[ts(type = "number | null")]
    pub available_outgoing_bitrate: Option<u64>,
    /// What the way from the client can take, in bits per second, where that is known.
    #[ts(type = "number | null")]
    pub available_incoming_bitrate: Option<u64>,
}

impl From<&WebRtcTransportStat> for TransportStats {
    fn from(stat: &WebRtcTransportStat) -> Self {
        Self {
            transport_id: stat.transport_id,
            ice_state: stat.ice_state,
            dtls_state: stat.dtls_state,
            protocol: stat.ice_selected_tuple.as_ref().map(TransportTuple::protocol),
            bytes_received: stat.bytes_received,
            bytes_sent: stat.bytes_sent,
            recv_bitrate: stat.recv_bitrate,
            send_bitrate: stat.send_bitrate,
            available_outgoing_bitrate: stat.available_outgoing_bitrate,
            available_incoming_bitrate: stat.available_incoming_bitrate,
        }
    }
}

/// How one stream fares between the client and the server.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StreamStats {
    /// The producer: the client's own, or the one that the consumer receives.
    #[ts(type = "string")]
    pub producer_id: ProducerId,
    /// The consumer, where the stream goes to the client.
    #[ts(type = "string | null")]
    pub consumer_id: Option<ConsumerId>,
    /// Sound or picture.
    #[ts(type = "'audio' | 'video'")]
    pub kind: MediaKind,
    /// The simulcast layer's name, where the client sends several.
    pub rid: Option<String>,
    /// From 0 to 10.
    pub score: u8,
    /// In bits per second.
    #[ts(type = "number")]
    pub bitrate: u64,
    /// Bytes so far.
    #[ts(type = "number")]
    pub byte_count: u64,
    /// Packets so far.
    #[ts(type = "number")]
    pub packet_count: u64,
    /// Packets that got lost so far.
    pub packets_lost: i32,
    /// How many got lost lately, in 256ths.
    pub fraction_lost: u8,
    /// How unsteadily packets come, in units of the codec's clock.
    pub jitter: u32,
    /// To the client and back, in ms, where that is known.
    pub round_trip_time: Option<f32>,
}

impl StreamStats {
    /// A layer that the client sends.
    #[must_use]
    pub fn sent(producer_id: ProducerId, stat: &ProducerStat) -> Self {
        Self {
            producer_id,
            consumer_id: None,
            kind: stat.kind,
            rid: stat.rid.clone(),
            score: stat.score,
            bitrate: stat.bitrate,
            byte_count: stat.byte_count,
            packet_count: stat.packet_count,
            packets_lost: stat.packets_lost,
            fraction_lost: stat.fraction_lost,
            jitter: stat.jitter,
            round_trip_time: stat.round_trip_time,
        }
    }

    /// A stream that the client receives.
    #[must_use]
    pub fn received(producer_id: ProducerId, consumer_id: ConsumerId, stat: &ConsumerStat) -> Self {
        Self {
            producer_id,
            consumer_id: Some(consumer_id),
            kind: stat.kind,
            rid: None,
            score: stat.score,
            bitrate: stat.bitrate,
            byte_count: stat.byte_count,
            packet_count: stat.packet_count,
            packets_lost: stat.packets_lost,
            fraction_lost: stat.fraction_lost,
            jitter: stat.jitter,
            round_trip_time: stat.round_trip_time,
        }
    }
}
