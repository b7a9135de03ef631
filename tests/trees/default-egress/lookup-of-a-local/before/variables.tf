locals {
  settings = {
    port = "8000"
  }
}
