# アシスタント自身の言葉。言語ごとに一つのファイルで、キーはすべて同じです。
ai-notice = こちらは AI アシスタントの { $name } です。回答は承認された情報からの引用です。
greeting = こんにちは。AI アシスタントの { $name } です。承認された情報をもとにお答えします。どのようなことをお知りになりたいですか？
quote-lead = 承認された情報「{ $title }」から引用します。
refusal = このご質問にお答えできる承認された情報がないため、推測での回答は控えさせていただきます。担当者がお手伝いできます。
refusal-handoff = このご質問にも、承認された情報からお答えすることができません。担当者にこの会話の引き継ぎを依頼しました。
failure = 申し訳ございません。問題が発生したため、お答えできませんでした。担当者にこの会話の引き継ぎを依頼しました。
plans-title = プランと料金
plans-text = { $count } つのプランがあります。月額料金は { $plans } です。
plan-in-list = { $name } が { $price }
plan-title = { $name } プランの料金と AI クレジット
plan-price = { $name } プランの料金（価格）は月額 { $price } で、毎月 { $credits } AI クレジットが含まれます。
plan-includes = ユーザー席数 { $seats }、標準連携 { $integrations }、ペルソナ { $personas }、ナレッジ項目 { $items } が含まれます。サポート: { $support }。会話は { $days } 日間保存されます。
unlimited = 無制限
