//! The plant's own tests.

use super::{Thing, problems};

problems! {
    /// The plant's own tests.
    Expecting {
        /// Not a sentence of a case.
        Say { who: Thing, text: String } "RW0701" Error
            "{who}: `{text}` cannot be read"
                => "write `SOURCE -> DESTINATION SERVICE [VERB OBJECT [count N] [= VALUE]] [fragmented]`, for example `10.62.2.20 -> 10.62.1.70 modbus read holding 0 count 60`"
            "{who}: `{text}` ist nicht lesbar"
                => "`QUELLE -> ZIEL DIENST [VERB OBJEKT [count N] [= WERT]] [fragmented]` schreiben, zum Beispiel `10.62.2.20 -> 10.62.1.70 modbus read holding 0 count 60`"
        /// Not a verdict.
        Verdict { who: Thing, text: String } "RW0702" Error
            "{who}: `{text}` is no verdict"
                => "write `allow`, `deny`, `deny by command`, `cut`, `blind` or `alarm`; ` alarm` may follow any of them"
            "{who}: `{text}` ist kein Urteil"
                => "`allow`, `deny`, `deny by command`, `cut`, `blind` oder `alarm` schreiben; ` alarm` darf auf jedes folgen"
        /// A verdict that does not fit the case.
        Odd { who: Thing, verdict: String, lacks: String } "RW0703" Error
            "{who}: `{verdict}` makes no sense here: {lacks} is missing"
                => "add {lacks}, or write another verdict"
            "{who}: `{verdict}` ergibt hier keinen Sinn: {lacks} fehlt"
                => "{lacks} ergänzen oder ein anderes Urteil schreiben"
        /// Not something given.
        Given { who: Thing, text: String } "RW0704" Error
            "{who}: `{text}` is nothing that can be given"
                => "write `F19 approved`, `F19 approved for 3s` or `key = ONLINE`"
            "{who}: `{text}` kann nicht gegeben sein"
                => "`F19 approved`, `F19 approved for 3s` oder `key = ONLINE` schreiben"
        /// An approval nothing asks for.
        NoApproval { who: Thing, flow: String } "RW0705" Warning
            "{who}: flow `{flow}` needs no approval"
                => "take it out of `given`, or add `approve` to the flow"
            "{who}: Fluss `{flow}` braucht keine Genehmigung"
                => "es aus `given` entfernen oder dem Fluss `approve` geben"
        /// Both ends in one family?
        Families { who: Thing } "RW0706" Error
            "{who}: source and destination are of different address families"
                => "write two IPv4 or two IPv6 addresses"
            "{who}: Quelle und Ziel sind von verschiedenen Adressfamilien"
                => "zwei IPv4- oder zwei IPv6-Adressen schreiben"
    }
}
