//! The little XML that AWS answers with: elements and text. Attributes and namespaces carry nothing there.

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its tag, without a namespace's prefix.
    pub name: String,
    /// Its own text, unescaped.
    pub text: String,
    /// The elements in it, in order.
    pub children: Vec<Element>,
}

/// Deeper than any answer.
const MAX_DEPTH: usize = 64;

impl Element {
    /// Reads a document and gives its root. The error is a sentence part.
    pub fn parse(document: &str) -> Result<Element, String> {
        let mut open: Vec<Element> = Vec::new();
        let mut rest = document;
        loop {
            let Some(at) = rest.find('<') else {
                return Err(match open.last() {
                    Some(e) => format!("the XML ends inside of <{}>", e.name),
                    None => "there is no XML element".into(),
                });
            };
            if let Some(inner) = open.last_mut() {
                inner.text.push_str(&unescape(&rest[..at]));
            }
            rest = &rest[at..];
            let after = |text: &str, end: &str, what: &str| {
                text.find(end)
                    .map(|i| i + end.len())
                    .ok_or_else(|| format!("the XML has {what} without an end"))
            };
            if let Some(data) = rest.strip_prefix("<![CDATA[") {
                let end = after(data, "]]>", "a CDATA section")?;
                if let Some(inner) = open.last_mut() {
                    inner.text.push_str(&data[..end - 3]);
                }
                rest = &data[end..];
                continue;
            }
            if rest.starts_with("<!--") {
                rest = &rest[after(rest, "-->", "a comment")?..];
                continue;
            }
            let end = after(rest, ">", "a tag")?;
            let tag = &rest[1..end - 1];
            rest = &rest[end..];
            if tag.starts_with(['?', '!']) {
                continue;
            }
            let mut done = None;
            if let Some(name) = tag.strip_prefix('/') {
                match open.pop() {
                    Some(e) if e.name == local(name) => done = Some(e),
                    e => return Err(format!("the XML has </{name}> where {} ends", opened(e.as_ref()))),
                }
            } else {
                let element = Element { name: local(tag).to_owned(), ..Element::default() };
                if tag.ends_with('/') {
                    done = Some(element);
                } else if open.len() == MAX_DEPTH {
                    return Err("the XML is nested too deeply".into());
                } else {
                    open.push(element);
                }
            }
            if let Some(mut element) = done {
                if !element.children.is_empty() {
                    element.text.clear();
                }
                match open.last_mut() {
                    Some(outer) => outer.children.push(element),
                    None => return Ok(element),
                }
            }
        }
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The element at a path of names, the first at each step.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |e, name| e.child(name))
    }

    /// The text of the first child of a name, where it is not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.child(name).map(|c| c.text.as_str()).filter(|t| !t.is_empty())
    }

    /// The elements of a list at a path: the children of what is there (`member`, `item`, or the shape's name).
    pub fn list<'a>(&'a self, path: &[&str]) -> impl Iterator<Item = &'a Element> + use<'a> {
        self.at(path).map(|e| e.children.iter()).into_iter().flatten()
    }

    /// The first element of a name, this one or one below it, in the order of the document.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name { Some(self) } else { self.children.iter().find_map(|c| c.find(name)) }
    }
}

/// The name in a start tag, without attributes and prefix.
fn local(tag: &str) -> &str {
    let name = tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, n)| n)
}

fn opened(element: Option<&Element>) -> String {
    element.map_or("nothing".into(), |e| format!("<{}>", e.name))
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((name, after)) = rest.split_once(';') else {
            out.push('&');
            continue;
        };
        let number = |n: &str| match n.strip_prefix('x') {
            Some(h) => u32::from_str_radix(h, 16).ok(),
            None => n.parse().ok(),
        };
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            n => n.strip_prefix('#').and_then(number).and_then(char::from_u32),
        };
        match c {
            Some(c) => {
                out.push(c);
                rest = after;
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_and_unescaped() {
        let text = "<?xml version=\"1.0\"?>\n<!-- c --><A xmlns=\"u\">\n <Key>x&amp;y/&#233;&#xe9;</Key><Size/><n:List>\
                    <member>1</member><member><![CDATA[<2>]]></member></n:List><Key>&lt;&bogus; &</Key></A>";
        let a = Element::parse(text).unwrap();
        assert_eq!((a.name.as_str(), a.text.as_str(), a.children.len()), ("A", "", 4));
        assert_eq!(a.value("Key"), Some("x&y/éé"));
        assert_eq!(a.value("Size"), None);
        assert_eq!(a.list(&["List"]).map(|e| e.text.as_str()).collect::<Vec<_>>(), ["1", "<2>"]);
        assert_eq!(a.children[3].text, "<&bogus; &");
        assert_eq!(a.find("member").unwrap().text, "1");
        assert!(a.at(&["List", "none"]).is_none());
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for bad in ["", "text", "<a>", "<a></b>", "</a>", "<a", "<a><!-- </a>", "<a><![CDATA[x</a>"] {
            assert!(Element::parse(bad).is_err(), "{bad}");
        }
        assert!(Element::parse(&"<a>".repeat(100)).unwrap_err().contains("deeply"));
    }
}
