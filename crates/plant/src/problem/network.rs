//! Legs, networks and addresses.

use super::{Thing, problems};

problems! {
    /// Legs, networks and addresses.
    Network {
        /// An address in none of its zone's networks.
        OutsideLeg { who: Thing, address: String, zone: String, networks: String } "RW0301" Error
            "{who}: address `{address}` lies outside the networks of zone `{zone}` ({networks})"
                => "give the device an address of its zone, or put it into the zone it stands in"
            "{who}: Adresse `{address}` liegt außerhalb der Netze der Zone `{zone}` ({networks})"
                => "dem Gerät eine Adresse seiner Zone geben oder es in die Zone setzen, in der es steht"
        /// Two networks share addresses.
        Overlap { who: Thing, network: String, other: Thing, other_network: String } "RW0302" Error
            "{who}: network `{network}` shares addresses with `{other_network}` of {other}"
                => "give each leg networks of its own; the gateway could not tell where an address is"
            "{who}: Netz `{network}` teilt Adressen mit `{other_network}` von {other}"
                => "jedem Anschluss eigene Netze geben; das Gateway wüsste nicht, wo eine Adresse liegt"
        /// One address twice.
        SameAddress { who: Thing, address: String, other: Thing } "RW0303" Error
            "{who}: address `{address}` belongs to {other} already"
                => "give one of the two another address"
            "{who}: Adresse `{address}` gehört schon zu {other}"
                => "einem von beiden eine andere Adresse geben"
        /// The gateway's address is not in its leg's networks.
        GatewayOutside { who: Thing, address: String, networks: String } "RW0304" Error
            "{who}: the gateway's address `{address}` lies outside the leg's networks ({networks})"
                => "give the gateway an address the devices of the leg can reach"
            "{who}: die Gateway-Adresse `{address}` liegt außerhalb der Netze des Anschlusses ({networks})"
                => "dem Gateway eine Adresse geben, die die Geräte des Anschlusses erreichen"
        /// More than one default route.
        SeveralDefaultRoutes { who: Thing, other: Thing } "RW0305" Error
            "{who} has a default route, and so has {other}"
                => "keep `default-route` on the one leg behind which all other addresses are"
            "{who} hat eine Standardroute, und {other} auch"
                => "`default-route` nur an dem Anschluss lassen, hinter dem alle übrigen Adressen liegen"
        /// No name for an interface.
        BadPort { who: Thing, port: String } "RW0306" Error
            "{who}: `{port}` cannot be the name of an interface"
                => "use 1 to 15 letters, digits, `_`, `.` and `-`, starting with a letter: `z1`, `enp3s0`"
            "{who}: `{port}` kann kein Name einer Schnittstelle sein"
                => "1 bis 15 Buchstaben, Ziffern, `_`, `.` und `-` benutzen, mit einem Buchstaben am Anfang: `z1`, `enp3s0`"
        /// One port in two legs.
        SamePort { who: Thing, other: Thing } "RW0307" Error
            "{who} is a leg of two zones; the other is {other}"
                => "one port leads into one zone; give the second zone a port of its own"
            "{who} ist Anschluss zweier Zonen; die andere ist {other}"
                => "ein Port führt in eine Zone; der zweiten Zone einen eigenen Port geben"
        /// A path around the gateway.
        AroundGateway { who: Thing, zone: String, other: String } "RW0308" Warning
            "{who} stands in zone `{zone}` and has an interface in `{other}`: a path around the gateway"
                => "remove the second interface, or lead it through the gateway; until then no conduit between the two zones can be called enforced"
            "{who} steht in Zone `{zone}` und hat eine Schnittstelle in `{other}`: ein Weg um das Gateway herum"
                => "die zweite Schnittstelle entfernen oder durch das Gateway führen; bis dahin ist kein Conduit zwischen beiden Zonen durchgesetzt"
        /// Not an address.
        BadAddress { who: Thing, key: String, text: String } "RW0309" Error
            "{who}: `{key}` cannot be `{text}`"
                => "write an address a device can have (`10.62.1.10`, `fd00::10`) or a network with its length (`10.62.1.0/24`)"
            "{who}: `{key}` kann nicht `{text}` sein"
                => "eine Adresse schreiben, die ein Gerät haben kann (`10.62.1.10`, `fd00::10`), oder ein Netz mit Länge (`10.62.1.0/24`)"
        /// A network with bits of a device.
        HostBits { who: Thing, text: String, network: String } "RW0310" Error
            "{who}: `{text}` names a device, not a network"
                => "write `{network}` for the network"
            "{who}: `{text}` nennt ein Gerät, kein Netz"
                => "für das Netz `{network}` schreiben"
        /// A peer behind no leg.
        Nowhere { who: Thing, address: String } "RW0311" Error
            "{who}: `{address}` is behind no leg of the gateway"
                => "name the leg whose network contains it, or give the leg that leads there `default-route = true`"
            "{who}: `{address}` liegt hinter keinem Anschluss des Gateways"
                => "den Anschluss nennen, dessen Netz sie enthält, oder dem Anschluss dorthin `default-route = true` geben"
        /// A zone the gateway has no leg into.
        NoLeg { who: Thing } "RW0312" Warning
            "{who} has no leg: the gateway neither sees nor separates it"
                => "add `legs = [{{ port = \"z1\", network = [\"10.0.1.0/24\"], gateway = \"10.0.1.1\" }}]`"
            "{who} hat keinen Anschluss: das Gateway sieht und trennt sie nicht"
                => "`legs = [{{ port = \"z1\", network = [\"10.0.1.0/24\"], gateway = \"10.0.1.1\" }}]` ergänzen"
        /// An outside address that is not behind its leg.
        NatOutside { who: Thing, address: String, leg: String, networks: String } "RW0314" Error
            "{who}: nobody behind `{leg}` ({networks}) can reach the outside address `{address}`"
                => "choose a free address of the leg's networks, or name the leg the address belongs to"
            "{who}: niemand hinter `{leg}` ({networks}) erreicht die Außenadresse `{address}`"
                => "eine freie Adresse aus den Netzen des Anschlusses wählen oder den Anschluss nennen, zu dem sie gehört"
        /// An outside address somebody has.
        NatTaken { who: Thing, address: String, other: Thing } "RW0315" Error
            "{who}: the outside address `{address}` belongs to {other} already"
                => "choose an address of the leg that nothing has and nothing is known under"
            "{who}: die Außenadresse `{address}` gehört schon zu {other}"
                => "eine Adresse des Anschlusses wählen, die nichts hat und unter der nichts bekannt ist"
        /// A device without an address behind another leg.
        NatInside { who: Thing, leg: String, address: String } "RW0316" Error
            "{who} has no address behind another leg than `{leg}` that `{address}` could stand for"
                => "give the device an address of the same family behind another leg, or take the entry out"
            "{who} hat hinter keinem anderen Anschluss als `{leg}` eine Adresse, für die `{address}` stehen könnte"
                => "dem Gerät eine Adresse derselben Familie hinter einem anderen Anschluss geben oder den Eintrag entfernen"
        /// A device with several addresses.
        NatSeveral { who: Thing, address: String, addresses: String } "RW0317" Error
            "{who}: `{address}` could stand for each of {addresses}"
                => "make the addresses two devices, so that the entry names the one that is meant"
            "{who}: `{address}` könnte für jede von {addresses} stehen"
                => "aus den Adressen zwei Geräte machen, damit der Eintrag das gemeinte nennt"
        /// One device under two addresses behind one leg.
        NatTwice { who: Thing, leg: String, address: String, other: String } "RW0318" Error
            "{who} is known behind `{leg}` as `{other}` already and cannot be `{address}` as well"
                => "keep one outside address for each leg: what the device sends can carry only one"
            "{who} ist hinter `{leg}` schon als `{other}` bekannt und kann nicht auch `{address}` sein"
                => "je Anschluss eine Außenadresse behalten: was das Gerät sendet, trägt nur eine"
        /// An outside address written as a peer.
        NatPeer { who: Thing, address: String, device: String } "RW0319" Error
            "{who}: `{address}` is only what others call {device}"
                => "write the device's id as the peer; the gateway translates on the leg"
            "{who}: `{address}` ist nur der Name, unter dem andere {device} kennen"
                => "die Id des Geräts als Gegenstelle schreiben; das Gateway setzt am Anschluss um"
    }
}
