variable "project" {
  type    = string
  default = "bond-ai"
}

variable "environment" {
  type    = string
  default = "dev"
}
