//! Kinds of devices: a simple shape and a word for each.

use words::Language;

use crate::markup::Markup;

/// A shape, 20 by 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Icon {
    /// Safety devices of any kind.
    Safety,
    /// Controllers.
    Plc,
    /// Panels.
    Panel,
    /// Robots.
    Robot,
    /// Drives.
    Drive,
    /// Servers.
    Server,
    /// What keeps data: historian, backup, log.
    Store,
    /// Engineering stations, jump hosts, computers.
    Computer,
    /// Switches and other network devices.
    Network,
    /// Cameras and scanners.
    Eye,
    /// Meters and sensors.
    Meter,
    /// Printers.
    Printer,
    /// An address without a device.
    Address,
    /// Anything else.
    Other,
}

/// Kinds by a part of their name; the first that fits.
const KINDS: [(&str, Icon); 31] = [
    ("safety", Icon::Safety),
    ("fail-safe", Icon::Safety),
    ("address", Icon::Address),
    ("plc", Icon::Plc),
    ("controller", Icon::Plc),
    ("io", Icon::Plc),
    ("hmi", Icon::Panel),
    ("panel", Icon::Panel),
    ("robot", Icon::Robot),
    ("drive", Icon::Drive),
    ("motor", Icon::Drive),
    ("inverter", Icon::Drive),
    ("historian", Icon::Store),
    ("backup", Icon::Store),
    ("log", Icon::Store),
    ("database", Icon::Store),
    ("server", Icon::Server),
    ("mes", Icon::Server),
    ("station", Icon::Computer),
    ("jump", Icon::Computer),
    ("pc", Icon::Computer),
    ("workstation", Icon::Computer),
    ("switch", Icon::Network),
    ("router", Icon::Network),
    ("access-point", Icon::Network),
    ("vision", Icon::Eye),
    ("camera", Icon::Eye),
    ("scanner", Icon::Eye),
    ("meter", Icon::Meter),
    ("sensor", Icon::Meter),
    ("printer", Icon::Printer),
];

/// German words for kinds that are common.
const GERMAN: [(&str, &str); 22] = [
    ("safety-plc", "Safety-SPS"),
    ("safety-io", "Safety-E/A"),
    ("safety-scanner", "Safety-Scanner"),
    ("plc", "SPS"),
    ("hmi", "Panel"),
    ("robot", "Roboter"),
    ("vision", "Kamera"),
    ("camera", "Kamera"),
    ("drive", "Antrieb"),
    ("energy-meter", "Energiezähler"),
    ("switch", "Switch"),
    ("engineering-station", "Engineering-Station"),
    ("server", "Server"),
    ("historian", "Historian"),
    ("backup-server", "Backup-Server"),
    ("log-server", "Log-Server"),
    ("printer", "Drucker"),
    ("jump-host", "Sprungrechner"),
    ("sensor", "Sensor"),
    ("router", "Router"),
    ("pc", "Rechner"),
    ("address", "Adresse"),
];

/// English words where the kind as written is a short form.
const ENGLISH: [(&str, &str); 6] = [
    ("plc", "PLC"),
    ("hmi", "panel"),
    ("safety-plc", "safety PLC"),
    ("safety-io", "safety I/O"),
    ("vision", "camera"),
    ("pc", "computer"),
];

/// A kind in words; one that is not known as it is written.
pub fn kind_words(kind: &str, language: Language) -> String {
    let table: &[(&str, &str)] = language.pick(&ENGLISH, &GERMAN);
    match table.iter().find(|(word, _)| *word == kind) {
        Some((_, words)) => (*words).to_owned(),
        None => kind.replace(['-', '_'], " "),
    }
}

impl Icon {
    /// The shape for a kind.
    pub fn of(kind: &str) -> Self {
        let kind = kind.to_ascii_lowercase();
        let fits = |word: &str| match word.len() {
            // Short words only as a word of their own: `io` is also in `station`.
            0..=3 => kind.split(['-', '_']).any(|part| part == word),
            _ => kind.contains(word),
        };
        KINDS.iter().find(|(word, _)| fits(word)).map_or(Self::Other, |(_, icon)| *icon)
    }

    /// The strokes of the shape.
    fn strokes(self) -> &'static str {
        match self {
            Self::Safety => {
                "M10 2 L17 4.5 V10 C17 14 14 16.8 10 18 C6 16.8 3 14 3 10 V4.5 Z M6.8 10 L9.2 12.4 L13.4 7.6"
            }
            Self::Plc => {
                "M2.5 4 H17.5 V16 H2.5 Z M7.5 4 V16 M12.5 4 V16 M4.4 7 H5.6 M9.4 7 H10.6 M14.4 7 H15.6"
            }
            Self::Panel => {
                "M2.5 4 H17.5 V15 H2.5 Z M5 12.5 V9.5 M8 12.5 V7 M11 12.5 V10.5 M13 8.5 H15 V12.5 H13 Z"
            }
            Self::Robot => {
                "M4 17.5 H11 M7.5 17.5 V12 L5.5 6.5 L12 3.5 L15.5 7 M15.5 7 L13.8 9.6 M15.5 7 L18 8.6"
            }
            Self::Drive => "M10 3 A7 7 0 1 1 9.99 3 Z M6.8 13 V7.2 L10 11 L13.2 7.2 V13",
            Self::Server => {
                "M3.5 3 H16.5 V9 H3.5 Z M3.5 11 H16.5 V17 H3.5 Z M6 6 H7.4 M6 14 H7.4 M10 6 H14 M10 14 H14"
            }
            Self::Store => {
                "M4 5 C4 2.4 16 2.4 16 5 V15 C16 17.6 4 17.6 4 15 Z M4 5 C4 7.6 16 7.6 16 5 M4 10 C4 12.6 16 12.6 16 10"
            }
            Self::Computer => "M2.5 3.5 H17.5 V13 H2.5 Z M7 17 H13 M10 13 V17",
            Self::Network => {
                "M2 7.5 H18 V13.5 H2 Z M5 10.5 H6 M8.5 10.5 H9.5 M12 10.5 H13 M15 10.5 H15.6 M5.5 7.5 V4 M14.5 7.5 V4"
            }
            Self::Eye => "M2 6 H6 L7.5 4 H12.5 L14 6 H18 V16 H2 Z M10 7.8 A3.2 3.2 0 1 1 9.99 7.8 Z",
            Self::Meter => "M3 14.5 A7.5 7.5 0 1 1 17 14.5 Z M10 12.5 L13.2 7.6",
            Self::Printer => {
                "M5 7.5 V3 H15 V7.5 M3 7.5 H17 V14 H14.5 M5.5 14 H3 V7.5 M5.5 11.5 H14.5 V17.5 H5.5 Z"
            }
            Self::Address => {
                "M10 2.5 A7.5 7.5 0 1 1 9.99 2.5 Z M2.5 10 H17.5 M10 2.5 C5.6 6.6 5.6 13.4 10 17.5 C14.4 13.4 14.4 6.6 10 2.5"
            }
            Self::Other => "M4 4 H16 V16 H4 Z M9.2 10 H10.8",
        }
    }

    /// Draws the shape with its corner at a place, in full size or four fifths of it.
    pub(crate) fn draw(self, m: &mut Markup, x: i32, y: i32, small: bool) {
        let scale = if small { " scale(0.8)" } else { "" };
        let place = format!("translate({x} {y}){scale}");
        m.empty("path", &[("class", "icon"), ("transform", &place), ("d", self.strokes())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_shapes() {
        for (kind, icon) in [
            ("safety-plc", Icon::Safety),
            ("safety-io", Icon::Safety),
            ("plc", Icon::Plc),
            ("remote-io", Icon::Plc),
            ("engineering-station", Icon::Computer),
            ("log-server", Icon::Store),
            ("server", Icon::Server),
            ("energy-meter", Icon::Meter),
            ("robot", Icon::Robot),
            ("<script>", Icon::Other),
            ("", Icon::Other),
        ] {
            assert_eq!(Icon::of(kind), icon, "{kind}");
        }
    }
}
