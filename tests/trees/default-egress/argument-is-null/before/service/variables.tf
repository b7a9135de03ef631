variable "name" {
  type = string
}

variable "vpc_connector_arn" {
  type    = string
  default = null
}
