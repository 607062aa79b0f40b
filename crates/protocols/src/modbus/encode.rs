//! Writing what was understood: what goes on is made from the fields, never copied whole from the wire.

use super::frame::{Buffer, MOST_ADU};
use super::refused::Exception;
use super::request::{Body, Request};

/// Fills a buffer; too much leaves nothing.
struct Writer<'b> {
    out: &'b mut Buffer,
    at: usize,
}

impl<'b> Writer<'b> {
    fn new(out: &'b mut Buffer, transaction: u16, unit: u8) -> Self {
        let mut writer = Self { out, at: 0 };
        writer.words(&[transaction, 0, 0]);
        writer.put(&[unit]);
        writer
    }

    fn put(&mut self, bytes: &[u8]) {
        if let Some(room) = self.out.get_mut(self.at..).and_then(|room| room.get_mut(..bytes.len())) {
            room.copy_from_slice(bytes);
            self.at += bytes.len();
        } else {
            self.at = MOST_ADU + 1;
        }
    }

    fn words(&mut self, words: &[u16]) {
        for word in words {
            self.put(&word.to_be_bytes());
        }
    }

    fn counted(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(count) => self.put(&[count]),
            Err(_) => self.at = MOST_ADU + 1,
        }
        self.put(bytes);
    }

    fn finish(self) -> &'b [u8] {
        let Self { out, at } = self;
        let length = u16::try_from(at.saturating_sub(6)).unwrap_or(0).to_be_bytes();
        if let Some(field) = out.get_mut(4..6) {
            field.copy_from_slice(&length);
        }
        out.get(..at).unwrap_or_default()
    }
}

impl Request<'_> {
    /// The ADU of this request. Empty if a hand-made body does not fit into one.
    pub fn encode<'b>(&self, out: &'b mut Buffer) -> &'b [u8] {
        let mut writer = Writer::new(out, self.transaction, self.unit);
        writer.put(&[self.function()]);
        match self.body {
            Body::Read { first, count, .. } => writer.words(&[first, count]),
            Body::WriteCoil { at, on } => writer.words(&[at, if on { 0xFF00 } else { 0 }]),
            Body::WriteRegister { at, value } => writer.words(&[at, value]),
            Body::ExceptionStatus | Body::EventCounter | Body::EventLog | Body::ServerId => {}
            Body::Diagnostics { sub, data } => {
                writer.words(&[sub]);
                writer.put(data);
            }
            Body::WriteCoils { first, values } => {
                writer.words(&[first, values.len()]);
                writer.counted(values.bytes());
            }
            Body::WriteRegisters { first, values } => {
                writer.words(&[first, values.len()]);
                writer.counted(values.bytes());
            }
            Body::ReadFiles(parts) => writer.counted(parts.bytes()),
            Body::WriteFiles(parts) => writer.counted(parts.bytes()),
            Body::MaskWrite { at, and, or } => writer.words(&[at, and, or]),
            Body::ReadWrite { read_first, read_count, first, values } => {
                writer.words(&[read_first, read_count, first, values.len()]);
                writer.counted(values.bytes());
            }
            Body::ReadQueue { at } => writer.words(&[at]),
            Body::CanOpen(data) => {
                writer.put(&[13]);
                writer.put(data);
            }
            Body::DeviceId { code, object } => writer.put(&[14, code, object]),
        }
        writer.finish()
    }
}

/// The ADU of a response whose PDU was checked.
pub(super) fn response<'b>(transaction: u16, unit: u8, pdu: &[u8], out: &'b mut Buffer) -> &'b [u8] {
    let mut writer = Writer::new(out, transaction, unit);
    writer.put(pdu);
    writer.finish()
}

/// The ADU that refuses a request.
pub fn exception(transaction: u16, unit: u8, function: u8, exception: Exception, out: &mut Buffer) -> &[u8] {
    response(transaction, unit, &[function | 0x80, exception.code()], out)
}
