resource "terraform_data" "a" {
  connection {
    type = "ssh"
    host = "x"
    user = ["a"]
    bastion {
    }
  }
  provisioner "local-exec" {
    command = "true"
  }
}
resource "terraform_data" "b" {
  provisioner "local-exec" {
    command = "true"
    connection {
      type = "ssh"
    }
  }
}
resource "terraform_data" "c" {
  # Nothing uses it.
  connection {
    boo = 1
  }
}
resource "terraform_data" "d" {
  connection {
    type = "ssh"
  }
  provisioner "local-exec" {
    command = "true"
    connection {
      host = "y"
      port = "abc"
    }
  }
}
