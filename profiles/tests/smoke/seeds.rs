//! Small resources that use every form that the readers know.

pub(crate) fn json() -> Vec<Vec<u8>> {
    let texts = [
        r##"{"resourceType":"Observation","id":"o","meta":{"profile":["http://x/p"],"lastUpdated":"2020-01-01T00:00:00Z"},
        "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; b<br/></p></div>"},
        "contained":[{"resourceType":"Patient","id":"p"}],"_status":{"id":"s"},"status":"final",
        "code":{"coding":[{"system":"http://loinc.org","code":"8480-6","_display":{"extension":[{"url":"u","valueString":"é"}]}}]},
        "subject":{"reference":"#p"},"valueQuantity":{"value":-120.50e1,"unit":"\u00b5\n"}}"##,
        r#"{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,{"id":"b"},null,{"id":"d"}]}],
        "active":true,"birthDate":"1990-02","multipleBirthInteger":2,"foo":[[],{},[{"bar":null}]]}"#,
        r#"{"entry":[{"fullUrl":"urn:uuid:x","resource":{"id":"1","resourceType":"Basic"}},{"request":{"method":"GET","url":"x"}}],
        "type":"collection","resourceType":"Bundle"}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"x","resource":{"resourceType":"Binary","data":"YWJj"}},{"name":"y","part":[{"name":"z","valueDecimal":0.000}]}]}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn xml() -> Vec<Vec<u8>> {
    let texts = [
        r##"<?xml version="1.0" encoding="UTF-8"?><!-- c --><Observation xmlns="http://hl7.org/fhir"><id value="o"/>
        <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p class="x">a &amp; b<br/></p></div></text>
        <contained><Patient><id value="p"/></Patient></contained><extension url="u"><valueString value="&lt;é"/></extension>
        <status id="s" value="final"/><code><coding><code value="x"/></coding></code><subject><reference value="#p"/></subject>
        <valueQuantity><value value="-1.50"/></valueQuantity></Observation>"##,
        r#"<f:Bundle xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:type value="collection"/><f:entry><f:resource>
        <f:Patient><f:text><h:div>a<h:br/></h:div></f:text><f:active value="true"/><f:name><f:given value="a"/><f:given id="x"/></f:name></f:Patient>
        </f:resource></f:entry></f:Bundle>"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn narrative() -> Vec<Vec<u8>> {
    let texts = [
        r##"<div xmlns="http://www.w3.org/1999/xhtml"><p style="color: red">a&nbsp;b <a href="#x" name="y">c</a></p><img src="data:x"/></div>"##,
        r#"<div xmlns='http://www.w3.org/1999/xhtml'><table><tr><td onclick="x">1</td></tr></table><script>x</script><!-- c --></div>"#,
        r#"<div><a href="java&#115;cript:x">x</a><![CDATA[y]]><?z?></div>"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
