variable "environment" {
  type    = string
  default = "dev"
}

locals {
  config = yamldecode(file("${path.root}/config/${var.environment}.yaml"))
}
