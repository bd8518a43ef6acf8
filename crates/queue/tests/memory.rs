//! The in-memory broker against the suite of all brokers.

#[tokio::test]
async fn the_memory_broker_behaves_like_every_broker() {
    queue::suite::all(&queue::Memory::new()).await;
}
