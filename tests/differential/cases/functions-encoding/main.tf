output "all" {
  value = {
    base64 = [base64encode("héllo"), base64decode("aMOpbGxv"), base64gzip("")  != ""]
    json   = [jsonencode({ b = [1, 1.5, true, null, "é<>&\u2028"], a = "x" }), jsondecode("{\"a\": [1, 2.50, null], \"b\": {}}")]
    yaml   = [yamlencode({ b = [1, { c = "x" }], a = "true", n = null, e = [], m = {} }), yamldecode("a: 1\nb: [x, y]\nc:\n  - d: true\n")]
    csv    = csvdecode("a,b\n1,2\n3,\"x,y\"\n")
    url    = urlencode("a b&c=é/")
    b64txt = [textencodebase64("hi", "UTF-16LE"), textdecodebase64("aABpAA==", "UTF-16LE")]
  }
}
