//! temp
use super::task::Work;
use crate::wire::Refusal;
impl Work {
    pub(super) async fn start_recording(&mut self) -> Result<serde_json::Value, Refusal> {
        Err(Refusal::Internal)
    }
    pub(super) async fn stop_recording(&mut self) -> Result<serde_json::Value, Refusal> {
        Err(Refusal::NoActiveRecording)
    }
}
