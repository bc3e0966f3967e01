//! Framing: the same events however the bytes come, no message longer than it may be, nothing behind a close.

use samenhang_conform::hl7v2::{Event, Framer};

const MAX: usize = 2_000;

pub(crate) fn run(data: &[u8]) {
    let whole = Framer::new(MAX).push(data);
    let mut framer = Framer::new(MAX);
    let pieces: Vec<Event> = data.chunks(7).flat_map(|piece| framer.push(piece)).collect();
    assert_eq!(whole, pieces, "where the stream is cut means nothing");
    let close = whole.iter().position(|event| *event == Event::Close);
    assert!(
        close.is_none_or(|at| at + 1 == whole.len()),
        "nothing follows a close"
    );
    for event in whole {
        if let Event::Message(message) = event {
            assert!(message.len() <= MAX, "the limit on a message holds");
            assert!(
                !message.contains(&0x0b) && !message.contains(&0x1c),
                "a message is one frame"
            );
        }
    }
}
