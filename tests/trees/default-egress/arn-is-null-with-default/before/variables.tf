variable "project" {
  type    = string
  default = "bond-ai"
}

variable "env" {
  type    = string
  default = "dev"
}

variable "egress" {
  type    = string
  default = "DEFAULT"
}
