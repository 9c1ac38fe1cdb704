output "all" {
  value = {
    string = [tostring(1), tostring(1.50), tostring(true), tostring(1e21), tostring(null)]
    number = [tonumber("1"), tonumber("0x10" == "x" ? "1" : "2.5"), tonumber("1e3")]
    bool   = [tobool("true"), tobool(false)]
    list   = tolist(["a", 1, true])
    set    = toset(["b", "a", "b"])
    map    = tomap({ a = 1, b = "x" })
    types  = [for v in [1, "a", true] : tostring(v)]
  }
}
