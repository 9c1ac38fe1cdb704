resource "terraform_data" "a" {
  input = "value"
  provisioner "local-exec" {
    command     = "printf '%s %s' \"$NAME\" '${self.input}' > out.txt"
    environment = { NAME = "env" }
  }
  provisioner "local-exec" {
    command     = "pwd > where.txt && printf second >> ../out.txt"
    working_dir = "sub"
  }
  provisioner "local-exec" {
    command     = "print('x', file=open('py.txt', 'w'))"
    interpreter = ["/bin/sh", "-c", "printf interpreted > inter.txt"]
  }
  provisioner "local-exec" {
    command    = "exit 1"
    on_failure = continue
  }
}
