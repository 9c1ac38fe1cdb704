output "all" {
  value = {
    md5    = [md5("a"), filemd5("f.txt")]
    sha    = [sha1("a"), sha256("a"), sha512("a"), filesha1("f.txt"), filesha256("f.txt"), filesha512("f.txt")]
    b64    = [base64sha256("a"), base64sha512("a"), filebase64sha256("f.txt"), filebase64sha512("f.txt")]
    uuidv5 = uuidv5("dns", "example.com") == uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "example.com")
  }
}
