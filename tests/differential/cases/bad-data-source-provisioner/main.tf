data "terraform_remote_state" "a" {
  backend = "local"
  provisioner "local-exec" {
    command = "true"
  }
}
