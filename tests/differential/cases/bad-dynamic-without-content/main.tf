data "terraform_remote_state" "a" {
  backend = "local"
  dynamic "x" {
    for_each = []
  }
}
