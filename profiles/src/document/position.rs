//! Lines and columns of a text.

/// Where something stands in a text, counted from one; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

/// Bytes between two marks.
const STEP: usize = 4096;

/// Positions of a text at regular distances, so that finding one never reads far.
#[derive(Debug, Clone)]
pub(super) struct Marks(Vec<Position>);

impl Marks {
    pub(super) fn of(text: &str) -> Self {
        let mut at = Position { line: 1, column: 1 };
        let mut marks = vec![at];
        for chunk in text.as_bytes().chunks(STEP) {
            at = advance(at, chunk);
            marks.push(at);
        }
        Marks(marks)
    }

    /// The position of a byte of the text that the marks were made of.
    pub(super) fn find(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let mark = offset / STEP;
        let from = self.0.get(mark).copied();
        let rest = text.as_bytes().get(mark * STEP..offset).unwrap_or_default();
        advance(from.unwrap_or(Position { line: 1, column: 1 }), rest)
    }
}

fn advance(mut at: Position, bytes: &[u8]) -> Position {
    for byte in bytes {
        match byte {
            b'\n' => {
                at.line = at.line.saturating_add(1);
                at.column = 1;
            }
            // The first byte of a character counts.
            byte if byte & 0xc0 != 0x80 => at.column = at.column.saturating_add(1),
            _ => {}
        }
    }
    at
}
