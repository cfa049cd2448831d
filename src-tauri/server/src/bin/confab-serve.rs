#[tokio::main]
async fn main() { confab_server::probe().await }
