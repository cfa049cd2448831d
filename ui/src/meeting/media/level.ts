/** How loud a microphone is, for the meter in the mirror. */

/** Calls back about 15 times a second with a loudness of 0 to 1. Returns how to stop. */
export function watchLevel(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);

  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    heard(loudness(samples));
  }, 66);

  // Before the first touch of the page a browser may hold the context.
  const wake = () => void context.resume();
  addEventListener("pointerdown", wake);
  addEventListener("keydown", wake);
  wake();

  return () => {
    clearInterval(timer);
    removeEventListener("pointerdown", wake);
    removeEventListener("keydown", wake);
    source.disconnect();
    void context.close();
  };
}

/** Loudness of 0 to 1 on the scale of the ear: -60 dB and below is 0, -10 dB and above is 1. Pure. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}
