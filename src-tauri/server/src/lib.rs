//! Confab's meeting server.
pub mod network;
pub mod web;
pub async fn probe() {
    let wm = mediasoup::worker_manager::WorkerManager::new();
    let w = wm.create_worker(mediasoup::worker::WorkerSettings::default()).await.unwrap();
    let r = w.create_router(mediasoup::router::RouterOptions::new(vec![])).await.unwrap();
    println!("{:?}", r.id());
}
