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
        r##"{"resourceType":"Bundle","type":"document","link":[{"relation":"stylesheet","url":"Binary/b"}],"entry":[
        {"fullUrl":"http://x/Composition/c","resource":{"resourceType":"Composition","id":"c","subject":{"reference":"Patient/1/_history/2"},
        "section":[{"id":"s","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"#s\">x</a></div>"},"entry":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}]}]}},
        {"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1","photo":[{"data":"YWJj","size":3,"hash":"x"}],"link":[{"other":{"reference":"#"}}]}},
        {"fullUrl":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520","resource":{"resourceType":"Provenance","target":[{"reference":"Composition/c"}]}}]}"##,
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

/// Every part of the language of expressions.
pub(crate) fn fhirpath() -> Vec<Vec<u8>> {
    let texts = [
        "hasValue() or (children().count() > id.count())",
        "name.where(given.exists()).select(given.first() & ' ' & family)",
        "repeat(name | contact | children()).count()",
        "descendants().where($this is string).distinct().sort(-$this).first()",
        "(1|2|3|4).aggregate($this + $total, 0) mod 3 div 2 * 1.5 / 0.3",
        "telecom.all(system = 'phone' implies value.matches('^[0-9]+$'))",
        "birthDate + 3 months <= @2020-02-03T10:11:12.345+01:00",
        "@2014-01.lowBoundary(8) < @2015 and @T10 < @T10:30.highBoundary(9)",
        "iif(active, 'a'.replace('', 'b'), {}).toChars().join(',')",
        "1.587.lowBoundary(2) = (-1.5).power(3).round(2).sqrt()",
        "4 'g' ~ 4040 'mg' and 2.0 'cm' * 2.0 'm' = 0.040 'm2'",
        "name.given.intersect(name.given.tail()).exclude('Jan').union({})",
        "extension('http://example.org/e').value.as(decimal) > 1",
        "defineVariable('a', name).select(%a.given contains 'Jan')",
        "name[0].given[1].substring(0, 2).indexOf('i').toString().toInteger()",
        "%resource.name.family.first() in ('Jansen' | 'Bakker') xor %context.id !~ 'P'",
        "type().name = 'Patient' and is(Patient) and ofType(FHIR.Patient).exists()",
        "'a b'.encode('base64').decode('base64').escape('html').unescape('json').trim().upper()",
        "name.trace('x', given).supersetOf($this.name) or name.isDistinct().not()",
        "'5.5 \\'mg\\''.toQuantity().toString().split(' ').skip(1).take(1).single()",
        "Patient.contact.name.family.startsWith('Y') and `Patient`.unknown.x.exists()",
        "now().toString().length() > today().precision()",
        "(true | false).allTrue().not() implies (1 'year' + 2 months).comparable(1 'a')",
        "100.log(10).exp().ln().abs().ceiling().floor().truncate()",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn definition() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"resourceType":"StructureDefinition","url":"http://e/p","kind":"resource","abstract":false,"type":"Observation",
        "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Observation","derivation":"constraint","differential":{"element":[
        {"id":"Observation.component","path":"Observation.component","slicing":{"discriminator":[{"type":"value","path":"code"}],"rules":"open"}},
        {"id":"Observation.component:a","path":"Observation.component","sliceName":"a","min":1,"max":"1"},
        {"id":"Observation.component:a.value[x].extension","path":"Observation.component.value[x].extension","max":"0"},
        {"id":"Observation.component:a.referenceRange.low","path":"Observation.component.referenceRange.low","min":1},
        {"path":"Observation.valueQuantity.code","patternCode":"mg"},{"id":"Observation.code.coding.system","path":"Observation.code.coding.system","fixedUri":"u"}]}}"#,
        r#"{"resourceType":"StructureDefinition","url":"http://e/x","kind":"complex-type","type":"Extension","derivation":"constraint",
        "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Extension","context":[{"type":"element","expression":"Patient"}],"differential":{"element":[
        {"path":"Extension.extension","sliceName":"a","type":[{"code":"Extension","profile":["http://e/x"]}]},
        {"path":"Extension.extension.value[x]","binding":{"strength":"required","valueSet":"v"},"constraint":[{"key":"k","severity":"error","expression":"true"}]},
        {"path":"Extension.url","fixedUri":"http://e/x"}]}}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// Archives as they are, and without compression, so that damage reaches what is in them.
pub(crate) fn package() -> Vec<Vec<u8>> {
    let manifest =
        br#"{"name": "a.b", "version": "1.0.0", "fhirVersions": ["4.0.1"], "dependencies": {"c": "1.x"}}"#;
    let resource = br#"{"resourceType": "ValueSet", "url": "http://e/v", "version": "2", "id": "b"}"#;
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in [
        ("package/package.json", manifest.as_slice()),
        ("package/v.json", resource),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, name, content).unwrap();
    }
    let archive = builder.into_inner().unwrap();
    let levels = [flate2::Compression::best(), flate2::Compression::none()];
    let pack = |level| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        std::io::Write::write_all(&mut encoder, &archive).unwrap();
        encoder.finish().unwrap()
    };
    let packed = levels.map(pack);
    packed.into_iter().chain([archive]).collect()
}

pub(crate) fn terminology() -> Vec<Vec<u8>> {
    let texts = [
        r#"{"resourceType":"ValueSet","url":"http://e/v","version":"1","compose":{"include":[
        {"system":"http://e/s","concept":[{"code":"a"},{"code":"b","display":"B"}]},{"valueSet":["http://e/v|1","http://e/w"]},
        {"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"71388002"}]}],
        "exclude":[{"system":"http://e/s","concept":[{"code":"b"}]}]},"expansion":{"contains":[{"system":"http://e/s","code":"a","contains":[{"code":"c"}]}]}}"#,
        r#"{"resourceType":"ValueSet","url":"http://e/v","compose":{"include":[{"system":"http://e/s","concept":[{"code":"a"},{"code":"b"}]}]}}"#,
        r#"{"resourceType":"CodeSystem","url":"http://e/s","valueSet":"http://e/all","content":"complete","caseSensitive":false,"hierarchyMeaning":"is-a",
        "property":[{"code":"p","type":"string"}],"concept":[{"code":"a","display":"A","designation":[{"language":"nl","value":"Aa"}],
        "concept":[{"code":"b","property":[{"code":"p","valueString":"x"},{"code":"parent","valueCode":"c"}]}]},{"code":"c"}]}"#,
        r#"{"resourceType":"ConceptMap","url":"http://e/m","sourceUri":"http://e/v","targetUri":"http://e/w","group":[{"source":"http://e/s","target":"http://e/t",
        "element":[{"code":"a","target":[{"code":"x","equivalence":"equivalent","dependsOn":[{"property":"p","value":"v"}]}]}],
        "unmapped":{"mode":"fixed","code":"u"}}]}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// Made-up files of releases, each behind a form feed and a letter that says what it is.
pub(crate) fn release() -> Vec<Vec<u8>> {
    let texts = [
        "\x0cCid\teffectiveTime\tactive\n71388002\t20260101\t1\n404684003\t20260101\t1\n64572001\t20260101\t0\n\
        \x0cLactive\treferencedComponentId\tacceptabilityId\n1\t11013\t900000000000548007\n\
        \x0cDid\tactive\tconceptId\tlanguageCode\ttypeId\tterm\n11013\t1\t404684003\tnl\t900000000000013009\té\n\
        \x0cRactive\tsourceId\tdestinationId\ttypeId\tcharacteristicTypeId\n1\t404684003\t71388002\t116680003\t900000000000011006\n\
        1\t71388002\t404684003\t116680003\t900000000000011006\n\
        \x0cSactive\trefsetId\treferencedComponentId\n1\t71388002\t404684003\n",
        "\x0cTLOINC_NUM,STATUS,LONG_COMMON_NAME,SHORTNAME,COMPONENT,CLASS\r\n8480-6,ACTIVE,\"a, \"\"b\"\"\nc\",x,y,z\r\n\
        \x0cNLOINC_NUM,LONG_COMMON_NAME\n8480-6,bloeddruk\n\x0cHCODE,IMMEDIATE_PARENT\nLP1-1,\n8480-6,LP1-1\nLP1-1,8480-6\n",
        "\x0cWcode;system;display;inactive;parent\nT90.01;http://e/icpc;x;true;T90\n;;;;\n\x0cIcode,parent\na,b\nb,a\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// A value, a unit, and a unit to convert to.
pub(crate) fn units() -> Vec<Vec<u8>> {
    let texts = [
        "1.50\nmmol/L\nmol/m3",
        "37\nCel\n[degF]",
        "-1e3\n10*3/uL{cells}\n1/L",
        "7.4\n[pH]\nmol/L",
        "0\nm/s2.((kg/m).s)-1\n[in_i'H2O]",
        "120\nmm[Hg]\nkPa",
        "1\n%[slope]\ndeg",
        "3\nB[SPL]\nPa",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
