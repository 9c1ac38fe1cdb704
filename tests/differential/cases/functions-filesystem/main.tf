output "all" {
  value = {
    file    = file("d/a.txt")
    exists  = [fileexists("d/a.txt"), fileexists("nope")]
    set     = [fileset("d", "*.txt"), fileset("d", "**/*.txt"), fileset(path.module, "d/{a,b}.*")]
    base64  = filebase64("d/a.txt")
    names   = [basename("/a/b.c"), dirname("/a/b.c"), dirname("x"), basename("a/")]
    abs     = basename(abspath("d/../d/a.txt"))
    expand  = pathexpand("/no/tilde")
  }
}
