export type ServerSnapshot = { link: string; qrSvg: string; port: number; defaultRoom: string;
  addresses: { ip: string; interface: string; kind: "lan"|"vpn"|"virtual"|"loopback"|"announced"; chosen: boolean; link: string }[];
  addressIsManual: boolean;
  rooms: { id: string; link: string; qrSvg: string; createdAt: number; recording: { recordingId: string; startedAt: number } | null;
           people: { id: string; name: string; imageUrl: string|null; isHost: boolean; isReconnecting: boolean; isAudioMuted: boolean; isVideoPaused: boolean; isScreenSharing: boolean; isSpeaking: boolean; joinedAt: number;
                     sends: { producerId: string; kind: "audio"|"video"; isScreenShare: boolean; paused: boolean }[] }[] }[];
  recordings: { id: string; roomId: string; startedAt: number; durationMs: number|null; state: "recording"|"waiting"|"composing"|"ready"|"tracksOnly"|"failed"; progress: number|null; file: string|null; folder: string; bytes: number; message: string|null }[];
  recordingsFolder: string; problems: string[]; workers: number };
