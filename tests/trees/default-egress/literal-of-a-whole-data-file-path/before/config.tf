variable "config_file" {
  type    = string
  default = "config/dev.json"
}

locals {
  config = jsondecode(file("${path.root}/${var.config_file}"))
}
