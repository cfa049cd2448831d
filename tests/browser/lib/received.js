/**
 * What a page receives, by its own `RTCPeerConnection`s' statistics. `keepConnections` runs in the page before all else.
 */

/**
 * @typedef {object} Received one incoming stream
 * @property {string} track the track's id, by which it is found on the page
 * @property {string} kind `audio` or `video`
 * @property {number} frames pictures decoded so far
 * @property {number} width of the pictures now
 * @property {number} energy of the sound so far
 * @property {string} codec
 * @property {string} dtls the state of the encryption's handshake
 * @property {string} srtp the cipher that the media is under
 * @property {string} protocol `udp` or `tcp`
 */

export function keepConnections() {
  /** @type {RTCPeerConnection[]} */
  const kept = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    /** @param {RTCConfiguration} [configuration] */
    constructor(configuration) {
      super(configuration);
      kept.push(this);
    }
  };
  window.mediaStats = async () => {
    const reports = await Promise.all(kept.map((connection) => connection.getStats()));
    return reports.flatMap((report) => [...report.values()]);
  };
  window.receivedMedia = async () => {
    const received = [];
    for (const connection of kept.filter((connection) => connection.connectionState !== "closed")) {
      const live = new Set(
        connection
          .getTransceivers()
          .filter((transceiver) => transceiver.currentDirection === "recvonly")
          .map((transceiver) => transceiver.receiver.track.id)
          // mediasoup-client's own, for measuring the line.
          .filter((id) => id !== "probator"),
      );
      const report = await connection.getStats();
      const of = (/** @type {string} */ id) => report.get(id) ?? {};
      for (const stream of report.values()) {
        if (stream.type !== "inbound-rtp" || !live.has(stream.trackIdentifier)) continue;
        const transport = of(stream.transportId);
        received.push({
          track: stream.trackIdentifier,
          kind: stream.kind,
          frames: stream.framesDecoded ?? 0,
          width: stream.frameWidth ?? 0,
          energy: stream.totalAudioEnergy ?? 0,
          codec: of(stream.codecId).mimeType ?? "",
          dtls: transport.dtlsState ?? "",
          srtp: transport.srtpCipher ?? "",
          protocol: of(of(transport.selectedCandidatePairId).localCandidateId).protocol ?? "",
        });
      }
    }
    return received;
  };
}
