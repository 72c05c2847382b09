//! Replays on stable what a fuzzer would start from: the corpus, the requests of real clients, and spoilt copies of them.

/// A small generator, so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Bytes that mean something somewhere.
const TRICKY: &[u8] = b"\r\n &=;%+/.:,-aX\0\xff";

fn spoil(data: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = random.below(data.len());
        match random.below(4) {
            0 if !data.is_empty() => data[at] ^= 1 << random.below(8),
            1 if !data.is_empty() => {
                data.remove(at);
            }
            2 => data.insert(at, TRICKY[random.below(TRICKY.len())]),
            _ => {
                let end = (at + random.below(16)).min(data.len());
                let copy = data[at..end].to_vec();
                data.splice(at..at, copy);
            }
        }
    }
}

#[test]
fn the_laws_hold_for_real_requests_and_spoilt_copies() {
    let seeds: Vec<Vec<u8>> = test_vectors::corpus()
        .iter()
        .map(|case| test_vectors::decode_base64(&case.raw_request))
        .collect();
    assert!(seeds.len() > 100);
    let mut random = Random(20_261_121);
    for seed in &seeds {
        for round in 0..25 {
            let mut data = seed.clone();
            if round > 0 {
                spoil(&mut data, &mut random);
            }
            sigv4_fuzz::verify(&data);
            sigv4_fuzz::sign_verify(&data);
        }
    }
}

#[test]
fn the_laws_hold_for_texts() {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for case in test_vectors::suite() {
        seeds.push(case.header.authorization.into_bytes());
        seeds.push(case.timestamp.into_bytes());
        seeds.push(format!("20150830/{}/{}/aws4_request", case.region, case.service).into_bytes());
        seeds.push(case.header.signature.into_bytes());
    }
    let mut random = Random(7);
    for seed in &seeds {
        for round in 0..200 {
            let mut data = seed.clone();
            if round > 0 {
                spoil(&mut data, &mut random);
            }
            sigv4_fuzz::authorization(&data);
            sigv4_fuzz::texts(&data);
        }
    }
}

#[test]
fn the_laws_hold_for_chunked_bodies() {
    let mut random = Random(23);
    let mut seeds: Vec<Vec<u8>> = test_vectors::chunked()
        .iter()
        .map(|case| case.request().body)
        .filter(|body| body.len() < 5_000)
        .collect();
    seeds.extend([vec![], vec![b'a'; 1], vec![b'a'; 8_192], vec![b'a'; 20_000]]);
    for seed in &seeds {
        for _ in 0..100 {
            let control: [u8; 5] = std::array::from_fn(|_| random.below(256).try_into().unwrap());
            let mut data = control.to_vec();
            // A change is often one that means something, and often at the beginning.
            if random.below(2) == 0 {
                data[4] = TRICKY[random.below(TRICKY.len())];
            }
            if random.below(2) == 0 {
                data[3] = 0;
            }
            data.extend_from_slice(seed);
            sigv4_fuzz::chunks(&data);
        }
    }
}

#[test]
fn every_crash_that_was_ever_found_stays_fixed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "raw") {
            let data = std::fs::read(&path).unwrap();
            sigv4_fuzz::verify(&data);
            sigv4_fuzz::sign_verify(&data);
            sigv4_fuzz::authorization(&data);
            sigv4_fuzz::texts(&data);
            sigv4_fuzz::chunks(&data);
        }
    }
}
