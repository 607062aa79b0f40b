//! Bytes on their way that one side does not take yet.

/// Most bytes that wait for one side. With the two of a connection, its state and the requests it waits for it stays
/// below 32 KiB.
pub(crate) const MOST_PENDING: usize = 8 * 1024;

/// Bytes that wait, in order. Holds no memory until something waits for the first time.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    bytes: Vec<u8>,
    gone: usize,
}

impl Pending {
    /// What waits.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.gone..).unwrap_or_default()
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.gone >= self.bytes.len()
    }

    /// How much more may wait.
    pub(crate) fn free(&self) -> usize {
        MOST_PENDING.saturating_sub(self.bytes().len())
    }

    /// The first so many are gone.
    pub(crate) fn taken(&mut self, count: usize) {
        self.gone = self.gone.saturating_add(count).min(self.bytes.len());
        if self.is_empty() {
            self.bytes.clear();
            self.gone = 0;
        }
    }

    /// Lets these wait too; `false`, and nothing of them waits, where there is no room.
    #[must_use]
    pub(crate) fn push(&mut self, more: &[u8]) -> bool {
        if more.len() > self.free() {
            return false;
        }
        if self.bytes.capacity() == 0 && !more.is_empty() {
            self.bytes.reserve_exact(MOST_PENDING);
        }
        if self.gone > 0 {
            self.bytes.drain(..self.gone);
            self.gone = 0;
        }
        self.bytes.extend_from_slice(more);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_leave_in_the_order_they_came_and_never_take_more_room() {
        let mut pending = Pending::default();
        assert_eq!(pending.bytes.capacity(), 0);
        let (mut next_in, mut next_out) = (0_u8, 0_u8);
        for round in 1..2_000 {
            let more: Vec<u8> = (0..round % 700)
                .map(|_| {
                    next_in = next_in.wrapping_add(1);
                    next_in
                })
                .collect();
            if !pending.push(&more) {
                next_in = next_in.wrapping_sub((more.len() % 256) as u8);
            }
            let count = pending.bytes().len() * (round % 3) / 2;
            for byte in pending.bytes().iter().take(count) {
                next_out = next_out.wrapping_add(1);
                assert_eq!(*byte, next_out);
            }
            pending.taken(count);
            assert!(pending.bytes.capacity() <= MOST_PENDING && pending.free() <= MOST_PENDING);
        }
        assert!(!pending.push(&[0; MOST_PENDING + 1]));
    }
}
