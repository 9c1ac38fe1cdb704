//! Templates of the values that AWS gives: `vpc-$x`, `@ec2:vpc/$id`, `$(vpc_id>cidr_block)`.
//!
//! `$name` or `$(name)` is a built-in word or an attribute of the object itself; `$(a>b)` is the
//! attribute `b` of the object whose id, ARN or name is in attribute `a`; `$(a|text)` gives `text`
//! where `a` has no value. `@service:rest` at the beginning is an ARN with region and account,
//! `@@service:rest` one with the account only, `@@@service:rest` one with neither.
//!
//! Words: `account`, `region`, `partition`, `now` (RFC 3339), `x` (17 hexadecimal digits, the first a
//! zero), `hex8`, `hex16`, `hex32`, `digits`, `upper13`, `upper20`, `lower13`, `uuid`, `dollar`, `suffix` (what
//! the provider appends to name prefixes), `ip`, `ipv6`.

/// What templates are made with.
pub(crate) trait Words {
    /// A built-in word or an attribute's text; `None` where there is none.
    fn word(&mut self, name: &str) -> Option<String>;
    /// The attribute `field` of the object that attribute `name` refers to.
    fn follow(&mut self, name: &str, field: &str) -> Option<String>;
}

/// Fills in a template. What has no value leaves nothing.
pub(crate) fn expand(template: &str, words: &mut dyn Words) -> String {
    let arn = |rest: &str, place: &str| match rest.split_once(':') {
        Some((service, rest)) => format!("arn:$partition:{service}:{place}:{rest}"),
        None => rest.to_owned(),
    };
    let text = if let Some(rest) = template.strip_prefix("@@@") {
        arn(rest, ":")
    } else if let Some(rest) = template.strip_prefix("@@") {
        arn(rest, ":$account")
    } else if let Some(rest) = template.strip_prefix('@') {
        arn(rest, "$region:$account")
    } else {
        template.to_owned()
    };
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (expression, tail) = match after.strip_prefix('(') {
            Some(inner) => inner.split_once(')').unwrap_or((inner, "")),
            None => {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if expression.is_empty() {
            // Not one of ours.
            out.push('$');
            rest = tail;
            continue;
        }
        let (expression, otherwise) = expression.split_once('|').unwrap_or((expression, ""));
        let value = match expression.split_once('>') {
            Some((name, field)) => words.follow(name, field),
            None => words.word(expression),
        };
        out.push_str(&value.filter(|v| !v.is_empty()).unwrap_or_else(|| otherwise.to_owned()));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A built-in word made of random bytes; `None` for other words.
pub(crate) fn random_word(name: &str, random: impl FnOnce() -> [u8; 32]) -> Option<String> {
    const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = |bytes: [u8; 32], of: &[u8], n: usize| -> String {
        bytes.iter().take(n).map(|b| char::from(of[usize::from(*b) % of.len()])).collect()
    };
    Some(match name {
        "x" => format!("0{}", crate::text::hex(&random()[..8])),
        "hex8" => crate::text::hex(&random()[..4]),
        "hex16" => crate::text::hex(&random()[..8]),
        "hex32" => crate::text::hex(&random()[..16]),
        "digits" => letters(random(), b"0123456789", 12),
        "upper13" => letters(random(), UPPER, 13),
        "upper20" => letters(random(), UPPER, 17),
        "lower13" => letters(random(), LOWER, 13),
        "lower6" => letters(random(), LOWER, 6),
        "lower32" => letters(random(), LOWER, 32),
        "letters6" => letters(random(), b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 6),
        "dollar" => "$".into(),
        "uuid" => uuid(random()),
        "ip" => {
            let b = random();
            format!("{}.{}.{}.{}", 52 + b[0] % 4, b[1], b[2], 1 + b[3] % 254)
        }
        "ipv6" => {
            let h = crate::text::hex(&random()[..3]);
            format!("2a05:d018:{}:{}00::/56", &h[..4], &h[4..])
        }
        _ => return None,
    })
}

fn uuid(mut bytes: [u8; 32]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let h = crate::text::hex(&bytes[..16]);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Words for Fixed {
        fn word(&mut self, name: &str) -> Option<String> {
            match name {
                "partition" => Some("aws".into()),
                "region" => Some("eu-west-1".into()),
                "account" => Some("1".into()),
                "id" => Some("vpc-1".into()),
                _ => random_word(name, || [7; 32]),
            }
        }
        fn follow(&mut self, name: &str, field: &str) -> Option<String> {
            Some(format!("<{name} {field}>"))
        }
    }

    #[test]
    fn templates() {
        for (template, text) in [
            ("@ec2:vpc/$id", "arn:aws:ec2:eu-west-1:1:vpc/vpc-1"),
            ("@@iam:role/$id", "arn:aws:iam::1:role/vpc-1"),
            ("@@@s3:$id", "arn:aws:s3:::vpc-1"),
            ("$(vpc_id>arn)/$(none|x)-$none.", "<vpc_id arn>/x-."),
            ("${version}", "${version}"),
            ("vpc-$x", "vpc-00707070707070707"),
            ("$uuid", "07070707-0707-4707-8707-070707070707"),
        ] {
            assert_eq!(expand(template, &mut Fixed), text);
        }
    }
}
