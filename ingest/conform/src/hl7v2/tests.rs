//! Trees, frames and answers of HL7 version 2.

use super::*;
use crate::charset::Charset;

const ORU: &str = "MSH|^~\\&|LAB|ZH|EPD|ZH|20260102101500+0100||ORU^R01^ORU_R01|77|P|2.5|||AL|NE||8859/1\r\
PID|1||999900006^^^NLMINBIZA^NNNLD~12^^^ZH^PI||Jansen&van&Jansen^A^B||19700101|F|||\"\"\r\
NTE|1||over de pati\\X65\\nt\r\
ORC|RE|1\rOBR|1|1||X^Y\rNTE|1||bij het onderzoek\r\nOBX|1|NM|K^Kalium^L||4.1|mmol/L\rNTE|1||een\\.br\\twee \\T\\ \\Q\\\r\
OBX|2|ST|C||x\\F\\y\rOBR|2\rOBX|1|NM|N||1\rZXX|1|a^b&c\r";

fn leaves(text: &str) -> Vec<String> {
    let document = read(text, &Limits::default()).unwrap();
    let nodes = (0..document.len()).filter_map(|id| document.node(id));
    nodes
        .filter_map(|node| {
            Some(format!(
                "{}={} ({})",
                node.path(),
                node.primitive()?,
                node.origin()?
            ))
        })
        .collect()
}

#[test]
fn segments_stand_in_groups_and_first_components_are_texts() {
    let text = decode(ORU.as_bytes(), None).unwrap();
    let found = leaves(&text);
    for expected in [
        "Message.MSH.f1=| (MSH-1)",
        "Message.MSH.f2=^~\\& (MSH-2)",
        "Message.MSH.f9=ORU (MSH-9)",
        "Message.MSH.f9.c2=R01 (MSH-9.2)",
        "Message.patient.PID.f3[0]=999900006 (PID-3)",
        "Message.patient.PID.f3[0].c5=NNNLD (PID-3.5)",
        "Message.patient.PID.f3[1].c4=ZH (PID-3[2].4)",
        "Message.patient.PID.f5=Jansen (PID-5)",
        "Message.patient.PID.f5.s2=van (PID-5.1.2)",
        "Message.patient.PID.f5.c2=A (PID-5.2)",
        "Message.patient.PID.f11.cleared=\"\" (PID-11)",
        "Message.patient.PID.NTE.f3=over de patient (NTE-3)",
        "Message.patient.order[0].ORC.f1=RE (ORC-1)",
        "Message.patient.order[0].OBR.NTE.f3=bij het onderzoek (NTE[2]-3)",
        "Message.patient.order[0].OBX[0].f5=4.1 (OBX-5)",
        "Message.patient.order[0].OBX[0].NTE.f3=een\ntwee & \\Q\\ (NTE[3]-3)",
        "Message.patient.order[0].OBX[1].f5=x|y (OBX[2]-5)",
        "Message.patient.order[1].OBX.f3=N (OBX[3]-3)",
        "Message.patient.order[1].ZXX.f2.c2.s2=c (ZXX-2.2.2)",
    ] {
        assert!(
            found.iter().any(|own| own == expected),
            "{expected} in {found:#?}"
        );
    }
}

#[test]
fn a_character_set_is_never_guessed() {
    let with = |set: &str| {
        let mut message = format!("MSH|^~\\&|||||||ADT^A01|1|P|2.5||||||{set}\rPID|||||").into_bytes();
        message.push(0xe9);
        message
    };
    assert_eq!(charset(&with("8859/1")).unwrap(), Charset::Latin1);
    assert!(decode(&with("8859/1"), None).unwrap().ends_with('é'));
    for set in ["", "ASCII", "UNICODE UTF-8", "ISO IR87"] {
        assert_eq!(
            decode(&with(set), None).unwrap_err().code(),
            "SAM-CNF-202",
            "{set}"
        );
    }
    assert!(decode(&with(""), Some(Charset::Latin1)).unwrap().ends_with('é'));
    assert!(decode(&with("UNICODE UTF-8"), Some(Charset::Latin1)).is_err());
}

#[test]
fn what_has_no_header_is_refused() {
    for text in ["", "PID|1", "MSH", "MSHaaaaa", "MSH|^^^^|", "MSH|^~\\~|\r"] {
        let found = read(text, &Limits::default());
        assert!(matches!(found, Err(SourceError::Header(_))), "{text}");
    }
    let tight = Limits {
        max_nodes: 5,
        ..Limits::default()
    };
    assert_eq!(read(ORU, &tight).unwrap_err().code(), "SAM-CNF-204");
}

#[test]
fn a_stream_is_cut_and_found_again() {
    let mut framer = Framer::new(8);
    let mut events = framer.push(&[frame(b"one"), b"\r\n".to_vec(), frame(b"two")].concat());
    assert_eq!(
        events,
        [Event::Message(b"one".to_vec()), Event::Message(b"two".to_vec())]
    );
    events = framer.push(b"noise\x0bpa");
    assert_eq!(events, [Event::Fault(Fault::Outside)]);
    assert!(framer.is_inside());
    assert_eq!(framer.push(b"rt\x1c"), []);
    assert_eq!(framer.push(b"\r"), [Event::Message(b"part".to_vec())]);
    assert_eq!(
        framer.push(b"\x0ba\x0bb\x1c\r"),
        [Event::Fault(Fault::Start), Event::Message(b"b".to_vec())]
    );
    assert_eq!(
        framer.push(b"\x0b123456789\x0bnever\x1c\r"),
        [Event::Fault(Fault::Length), Event::Close]
    );
    assert_eq!(framer.push(&frame(b"later")), []);
}

#[test]
fn answers_go_back_by_what_the_sender_asked() {
    let header = Header::of(ORU).unwrap();
    assert!(header.wants_commit(true) && !header.wants_application(true));
    let answer = acknowledge(
        &header,
        Acknowledgement::CommitAccept,
        "9",
        "20260102101501+0100",
        None,
    );
    assert_eq!(
        answer,
        "MSH|^~\\&|EPD|ZH|LAB|ZH|20260102101501+0100||ACK^R01^ACK|9|P|2.5||||||8859/1\rMSA|CA|77\r"
    );
    let header = Header::of("MSH|^~\\&|A|B|C|D|||ADT^A08|5|P|2.4\r").unwrap();
    assert!(!header.wants_commit(true) && header.wants_application(false));
    let answer = acknowledge(&header, Acknowledgement::Error, "9", "2026", Some("SAM-CNF-202"));
    assert_eq!(
        answer,
        "MSH|^~\\&|C|D|A|B|2026||ACK^A08^ACK|9|P|2.4\rMSA|AE|5\rERR|||207^Application internal error^HL70357|E|SAM-CNF-202\r"
    );
}
