output "all" {
  value = {
    case    = [upper("aé"), lower("AÉ"), title("hello world-wide")]
    trim    = [trim("xxaxx", "x"), trimspace(" a \n"), trimprefix("abc", "ab"), trimsuffix("abc", "c"), chomp("a\n\n")]
    split   = [split(",", "a,b,,c"), split("", "ab"), split(",", "")]
    join    = [join("-", ["a", "b"]), join(",", [], ["x"], ["y", "z"])]
    replace = [replace("a.b.c", ".", "-"), replace("abc123", "/[0-9]+/", "<$0>"), replace("foo bar", "/(\\w+) (\\w+)/", "$2 $1")]
    regex   = [regex("[a-z]+", "12ab34"), regex("(\\d+)-(\\d+)", "10-20"), regex("(?P<y>\\d+)", "x7"), regexall("[a-z]", "a1b2")]
    sub     = [substr("hello", 1, 3), substr("hello", -3, -1), substr("héllo", 1, 2)]
    format  = [format("%s %d %5.2f %q %v %t %%", "a", 5, 3.14159, "q", [1, "x"], true), format("%05d|%-5s|%+d|%x|%X|%o|%b|%e", 42, "ab", 7, 255, 255, 8, 5, 12345.678)]
    flist   = formatlist("%s-%d", ["a", "b"], [1, 2])
    indent  = indent(2, "a\nb\nc")
    rev     = [strrev("abé"), startswith("abc", "ab"), endswith("abc", "bc"), strcontains("abc", "b")]
    len     = [length("héllo"), length("👨‍👩‍👧")]
    pad     = format("%3s|%-3s|", "é", "é")
  }
}
